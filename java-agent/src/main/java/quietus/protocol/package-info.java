// SPDX-License-Identifier: GPL-3.0-or-later
/** What is asked of the agent and what it answers, with their JSON (docs/agent-protocol.md). */
package quietus.protocol;
