// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import quietus.systemd.Lab;
import quietus.systemd.Systemd;
import quietus.systemd.SystemdException;

/**
 * Runs on the host: takes calls of {@link Systemd} on standard input and answers them on standard
 * output.
 */
final class SystemdServer {
  private SystemdServer() {}

  /**
   * @param way as for {@link Host#systemd(String)}
   */
  public static void main(String... way) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    ObjectMapper mapper = Wire.mapper();
    try (Systemd systemd = Lab.connect(way[0])) {
      out.println("{}");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(mapper.writeValueAsString(answer(systemd, mapper, mapper.readTree(line))));
      }
    } catch (SystemdException e) {
      out.println(mapper.writeValueAsString(Map.of("error", e.error(), "message", e.getMessage())));
    }
  }

  private static Map<String, Object> answer(Systemd systemd, ObjectMapper mapper, JsonNode call)
      throws Exception {
    Method method = Wire.method(call.get(0).asText());
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] =
          mapper.convertValue(
              call.get(i + 1), mapper.constructType(method.getGenericParameterTypes()[i]));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    long began = System.nanoTime();
    try {
      answer.put("value", method.invoke(systemd, arguments));
    } catch (InvocationTargetException e) {
      String error =
          e.getCause() instanceof SystemdException refused
              ? refused.error()
              : e.getCause().getClass().getName();
      answer.put("error", error);
      answer.put("message", String.valueOf(e.getCause().getMessage()));
    }
    answer.put("nanoseconds", System.nanoTime() - began);
    return answer;
  }
}
