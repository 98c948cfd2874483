// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.lang.reflect.Proxy;
import quietus.error.AgentException;

/**
 * Takes SIGINT, SIGTERM and SIGHUP. By reflection, because the compiler warns of each use of {@code
 * sun.misc.Signal}, and a shutdown hook cannot tell one signal from another. A signal that was
 * ignored when this process began, as under nohup, stays ignored.
 */
final class StopSignals {
  private StopSignals() {}

  static void passTo(Foreground foreground) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      for (String name : new String[] {"INT", "TERM", "HUP"}) {
        Object taker =
            Proxy.newProxyInstance(
                StopSignals.class.getClassLoader(),
                new Class<?>[] {handler},
                (proxy, method, args) -> {
                  if (method.getName().equals("handle")) {
                    foreground.stop(name.equals("INT"));
                  }
                  return null;
                });
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), taker);
      }
    } catch (ReflectiveOperationException e) {
      throw new AgentException(
          "this Java has no module jdk.unsupported, without which signals cannot be taken; no unit"
              + " was touched",
          e);
    }
  }
}
