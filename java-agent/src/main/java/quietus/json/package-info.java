// SPDX-License-Identifier: GPL-3.0-or-later
/** JSON, read and written: what comes in is checked key by key; what is not known is refused. */
package quietus.json;
