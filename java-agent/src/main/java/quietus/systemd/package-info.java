/**
 * The edge to a running systemd: what is asked of its manager, and the D-Bus side of it. {@link
 * quietus.systemd.Systemd} is the room's entry; the in-memory systemd of the tests stands behind
 * the same interface.
 */
package quietus.systemd;
