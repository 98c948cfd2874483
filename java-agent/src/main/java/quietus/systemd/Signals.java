package quietus.systemd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What systemd's signals said since we connected. */
final class Signals implements Connection.Listener {
  /**
   * The results of the jobs that ended. A job can end before the reply is read that tells its
   * number.
   */
  final Map<Long, String> ended = new HashMap<>();

  /** The one of them that ended last. */
  long lastEnded;

  /** The jobs that began since we connected, as signals and replies told. */
  final Set<Long> begun = new HashSet<>();

  /** How many starts of each unit its assertions refused: a closed gate is one. */
  final Map<String, Integer> refused = new HashMap<>();

  /** The object paths of the units that changed since states were read last. */
  final Set<String> changed = new HashSet<>();

  @Override
  public void signal(Message signal) {
    Body body = signal.body();
    switch (signal.member()) {
      case "JobRemoved" -> {
        long job = body.number();
        body.skip("o");
        String unit = body.string();
        String result = body.string();
        changed.add(ObjectPath.ofUnit(unit));
        ended.put(job, result);
        lastEnded = job;
        if (result.equals("assert")) {
          refused.merge(unit, 1, Integer::sum);
        }
      }
      case "JobNew" -> {
        begun.add(body.number());
        body.skip("o");
        changed.add(ObjectPath.ofUnit(body.string()));
      }
      case "PropertiesChanged" -> changed.add(signal.path());
      default -> {
        // UnitNew and UnitRemoved among them: asking for a unit that is not loaded causes both
      }
    }
  }
}
