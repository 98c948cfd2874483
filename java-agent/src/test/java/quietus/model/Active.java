// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** systemd's ActiveState. */
enum Active {
  ACTIVE,
  RELOADING,
  INACTIVE,
  FAILED,
  ACTIVATING,
  DEACTIVATING;

  String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  boolean isUp() {
    return this == ACTIVE || this == RELOADING;
  }

  boolean isUpOrRising() {
    return isUp() || this == ACTIVATING;
  }

  boolean isDown() {
    return this == INACTIVE || this == FAILED;
  }

  boolean isDownOrFalling() {
    return isDown() || this == DEACTIVATING;
  }
}
