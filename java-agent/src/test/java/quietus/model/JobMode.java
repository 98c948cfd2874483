// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** systemd's job modes, as far as they are used here. */
enum JobMode {
  REPLACE,
  FAIL,
  REPLACE_IRREVERSIBLY,
  RESTART_DEPENDENCIES
}
