// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.Locale;

/** What sort of cause started a unit. */
public enum Kind {
  SOCKET,
  TIMER,
  PATH,
  AUTOMOUNT,
  DEVICE,
  BUS,
  RESTART,
  DEPENDENCY,
  UPHELD,
  FAILURE,
  SUCCESS,
  BOOT,
  REQUEST,
  UNKNOWN;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
