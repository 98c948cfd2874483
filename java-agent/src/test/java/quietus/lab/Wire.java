// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import quietus.systemd.Systemd;

/** Encodes calls of {@link Systemd} and their results as lines of JSON. */
final class Wire {
  private Wire() {}

  /** Records as their components, durations as nanoseconds. */
  static ObjectMapper mapper() {
    return new ObjectMapper()
        .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
        .setVisibility(PropertyAccessor.ALL, Visibility.NONE)
        .setVisibility(PropertyAccessor.FIELD, Visibility.ANY)
        .setVisibility(PropertyAccessor.CREATOR, Visibility.ANY)
        .registerModule(
            new SimpleModule()
                .addSerializer(
                    Duration.class,
                    new JsonSerializer<Duration>() {
                      @Override
                      public void serialize(
                          Duration value, JsonGenerator json, SerializerProvider provider)
                          throws IOException {
                        json.writeNumber(value.toNanos());
                      }
                    })
                .addDeserializer(
                    Duration.class,
                    new JsonDeserializer<Duration>() {
                      @Override
                      public Duration deserialize(JsonParser json, DeserializationContext context)
                          throws IOException {
                        return Duration.ofNanos(json.getLongValue());
                      }
                    }));
  }

  /** The method of {@link Systemd} that has a name; none has two. */
  static Method method(String name) {
    for (Method method : Systemd.class.getMethods()) {
      if (method.getName().equals(name)) {
        return method;
      }
    }
    throw new IllegalArgumentException(name);
  }
}
