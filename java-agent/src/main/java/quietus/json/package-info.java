/**
 * Requests, reports and holds as JSON (docs/agent-protocol.md). What comes in is checked key by
 * key; what is not known is refused.
 */
package quietus.json;
