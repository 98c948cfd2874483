// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fault;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import quietus.systemd.Systemd;

/** A systemd whose calls can fail. */
public final class FaultySystemd {
  private FaultySystemd() {}

  /** A systemd on top of another. What it knows without a call does not fail. */
  public static Systemd on(Systemd systemd, Faults faults) {
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
                default -> faults.call(method.getName(), call);
              };
            });
  }
}
