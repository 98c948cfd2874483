// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** What a service's configuration says, with systemd's defaults. */
record ServiceSettings(String id, UnitText text) {
  private static final long TIMEOUT = 90_000_000;

  String type() {
    String said = text.last("Service", "Type", null);
    if (said != null) {
      return said;
    }
    return text.last("Service", "BusName", null) != null
        ? "dbus"
        : text.lines("Service", "ExecStart").isEmpty() ? "oneshot" : "simple";
  }

  boolean remains() {
    return text.isTrue("Service", "RemainAfterExit", false);
  }

  /** True when a stop leaves systemd with the file descriptors that it keeps for the service. */
  boolean keepsDescriptors() {
    return text.last("Service", "FileDescriptorStorePreserve", "").equals("yes")
        && storedDescriptors() > 0;
  }

  /** How many file descriptors it stores while it is up: as many as it may. */
  long storedDescriptors() {
    return Long.parseLong(text.last("Service", "FileDescriptorStoreMax", "0"));
  }

  String busName() {
    return text.last("Service", "BusName", "");
  }

  String killMode() {
    return text.last("Service", "KillMode", "control-group");
  }

  boolean sendsKill() {
    return text.isTrue("Service", "SendSIGKILL", true);
  }

  String restart() {
    return text.last("Service", "Restart", "no");
  }

  /** True when Restart= brings it back after a result. */
  boolean restarts(String result) {
    boolean isSuccess = result.equals("success");
    return switch (restart()) {
      case "always" -> true;
      case "on-success" -> isSuccess;
      case "on-failure" -> !isSuccess;
      case "on-abnormal" -> !isSuccess && !result.equals("exit-code");
      case "on-abort" -> result.equals("signal");
      default -> false;
    };
  }

  /** In microseconds. */
  long restartDelay() {
    return Math.max(1, text.span("Service", "RestartSec", 100_000));
  }

  /**
   * @param key such as {@code TimeoutStopSec}; in microseconds, negative for none
   */
  long timeout(String key) {
    return text.span("Service", key, text.span("Service", "TimeoutSec", TIMEOUT));
  }

  /** The path of its control group below the root of the hierarchy. */
  String group() {
    String slice = text.last("Service", "Slice", ImplicitDeps.slice(id));
    StringBuilder path = new StringBuilder();
    for (int dash = slice.indexOf('-', 1);
        dash > 0 && !slice.equals("-.slice");
        dash = slice.indexOf('-', dash + 1)) {
      path.append('/').append(slice, 0, dash).append(".slice");
    }
    return path + (slice.equals("-.slice") ? "" : "/" + slice) + "/" + id;
  }
}
