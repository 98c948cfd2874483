// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fault;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import quietus.model.ModelSystemd;
import quietus.systemd.Systemd;

/** A systemd whose calls can fail, or be late. */
public final class FaultySystemd {
  /** Longer than the timers of the families, and than a start or a stop takes. */
  private static final Duration LATE = Duration.ofSeconds(5);

  private FaultySystemd() {}

  /** A systemd on top of the model. What it knows without a call does not fail. */
  public static Systemd on(ModelSystemd systemd, Faults faults) {
    Runnable late = () -> systemd.pass(LATE);
    return (Systemd)
        Proxy.newProxyInstance(
            FaultySystemd.class.getClassLoader(),
            new Class<?>[] {Systemd.class},
            (proxy, method, arguments) -> {
              Faults.Question call =
                  () -> {
                    try {
                      return method.invoke(systemd, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  };
              return switch (method.getName()) {
                case "close", "version", "unitPath", "refused", "toString", "hashCode", "equals" ->
                    call.run();
                default -> faults.call(method.getName(), call, late);
              };
            });
  }
}
