// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The edge to the file system: holds, gates, masks, the lock, and the files in systemd's unit
 * directories. Whatever is read here is treated as hostile: links are not followed, owners and
 * modes are checked, nothing is ever half-written.
 */
package quietus.disk;
