package quietus.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import quietus.unit.Ending;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * A running systemd, asked over D-Bus: by the manager's own socket where we may use it, else by the
 * bus.
 */
public final class DbusSystemd implements Systemd {
  /**
   * For all that systemd answers by itself. It may be busy with somebody else's reload, which takes
   * minutes on a large host.
   */
  private static final Duration REPLY = Duration.ofMinutes(3);

  private static final Duration RELOAD = Duration.ofMinutes(15);

  /**
   * From how many instances of one template on it is worth while to ask only for their differences.
   */
  private static final int SEVERAL = 4;

  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";
  private static final String NO_SUCH_JOB = "org.freedesktop.systemd1.NoSuchJob";
  private static final String UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject";
  private static final String UNKNOWN_PROPERTY = "org.freedesktop.DBus.Error.UnknownProperty";
  private static final String INVALID_ARGUMENT = "org.freedesktop.DBus.Error.InvalidArgs";

  private final Signals signals = new Signals();
  private final boolean user;
  private Connection connection;

  private DbusSystemd(boolean user) {
    this.user = user;
  }

  private void open(Path socket, int uid, boolean bus) throws IOException {
    connection = Connection.open(socket, uid, signals);
    if (bus) {
      try {
        // without Subscribe, systemd sends its signals to its own socket only
        request(
            List.of(
                Call.bus("Hello", ""),
                Call.bus(
                    "AddMatch",
                    "s",
                    "type='signal',sender='"
                        + Call.SYSTEMD
                        + "',path_namespace='"
                        + Call.MANAGER_PATH
                        + "'"),
                Call.manager("Subscribe", "")),
            REPLY);
      } catch (SystemdException e) {
        connection.close();
        connection = null;
        throw e;
      }
    }
  }

  /**
   * Begins, on another thread, to load what the JVM needs for its first unix socket (its security
   * providers among it, 10 to 20 ms), while the caller reads its request. To be called at the very
   * beginning, once; nothing depends on it.
   */
  public static void prepare() {
    Thread thread =
        new Thread(null, null, "prepare", 0, false) {
          @Override
          public void run() {
            Connection.prepare();
          }
        };
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Goes the way of the one call that dbus-java writes, and sends it nowhere. For a run that a
   * class-data archive is made of.
   */
  public static void warmUp() {
    Call.manager(
            "StartTransientUnit",
            "ssa(sv)a(sa(sv))",
            "-",
            "-",
            List.of(
                set("-", "s", "-"),
                set("-", "as", List.of("-")),
                set("-", "b", false),
                set("-", "a(sasb)", List.<Object[]>of(new Object[] {"-", List.of("-"), false}))),
            List.of())
        .encode(1);
  }

  /**
   * PID 1: asked by root on its own socket /run/systemd/private, which needs no bus, by anybody
   * else on the system bus. Connected to by the first question.
   */
  public static DbusSystemd system() {
    return new DbusSystemd(false);
  }

  /**
   * The calling user's manager: asked on its own socket in {@code $XDG_RUNTIME_DIR/systemd}, else
   * on the user's bus. Where the variable is not set, as in a command over ssh without a session,
   * {@code /run/user/UID} is taken. Connected to by the first question.
   */
  public static DbusSystemd user() {
    return new DbusSystemd(true);
  }

  /** Connects by one socket; for tests that compare the ways. */
  static DbusSystemd at(Path socket, boolean bus) throws IOException {
    DbusSystemd systemd = new DbusSystemd(false);
    systemd.open(socket, uid(), bus);
    return systemd;
  }

  /**
   * @throws SystemdException when nobody answers
   */
  private Connection connection() {
    if (connection == null) {
      if (user) {
        openUser();
      } else {
        openSystem();
      }
    }
    return connection;
  }

  private void openSystem() {
    int uid = uid();
    Path own = Path.of("/run/systemd/private");
    Path bus = Path.of("/run/dbus/system_bus_socket");
    try {
      if (uid == 0) {
        try {
          open(own, uid, false);
          return;
        } catch (IOException e) {
          // a container or a chroot may have the bus only
        }
      }
      open(bus, uid, true);
    } catch (IOException e) {
      throw new SystemdException(
          "cannot reach systemd: "
              + (uid == 0 ? "neither " + own + " nor " : "")
              + bus
              + (uid == 0 ? " answers" : " does not answer")
              + " ("
              + e.getMessage()
              + "); is systemd this machine's PID 1?",
          e);
    }
  }

  private void openUser() {
    int uid = uid();
    String variable = System.getenv("XDG_RUNTIME_DIR");
    Path runtime = Path.of(variable == null || variable.isEmpty() ? "/run/user/" + uid : variable);
    try {
      try {
        open(runtime.resolve("systemd/private"), uid, false);
      } catch (IOException e) {
        open(runtime.resolve("bus"), uid, true);
      }
    } catch (IOException e) {
      throw new SystemdException(
          "cannot reach the systemd of the user with id "
              + uid
              + ": nothing answers at "
              + runtime
              + "/systemd/private; log in as that user, or start it with: loginctl enable-linger "
              + uid,
          e);
    }
  }

  private static int uid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new SystemdException("cannot tell which user this is: /proc is not there", e);
    }
  }

  private Message[] request(List<Call> calls, Duration limit) {
    Message[] replies = connection().call(calls, System.nanoTime() + limit.toNanos());
    for (Message reply : replies) {
      if (reply.error() != null) {
        throw new SystemdException(reply.error(), "systemd refuses: " + reply.reason());
      }
    }
    return replies;
  }

  private Body request(Call call, Duration limit) {
    return request(List.of(call), limit)[0].body();
  }

  /** A property of the manager: the value stands where the body is, its type has been read. */
  private Body property(String name) {
    Body body =
        request(
            new Call(Call.MANAGER_PATH, Call.PROPERTIES, "Get", "ss", Call.MANAGER, name), REPLY);
    body.signature();
    return body;
  }

  @Override
  public int version() {
    String version = property("Version").string();
    int number = 0;
    int i = version.startsWith("v") ? 1 : 0;
    for (; i < version.length() && version.charAt(i) >= '0' && version.charAt(i) <= '9'; i++) {
      number = number * 10 + version.charAt(i) - '0';
    }
    return number;
  }

  @Override
  public List<Path> unitPath() {
    List<Path> directories = new ArrayList<>();
    for (String directory : property("UnitPath").strings()) {
      directories.add(Path.of(directory));
    }
    return List.copyOf(directories);
  }

  @Override
  public long lastReload() {
    long last = 0;
    try {
      last = property("UnitsLoadTimestamp").longNumber();
    } catch (SystemdException e) {
      // before systemd 250 only the boot's is told
    }
    return last != 0 ? last : property("UnitsLoadStartTimestamp").longNumber();
  }

  @Override
  public Map<String, Unit> load(Collection<String> names) {
    Map<String, UnitReader> readers = new LinkedHashMap<>();
    for (String name : names) {
      readers.putIfAbsent(name, new UnitReader(name));
    }
    Map<String, State> alike = alike(readers.keySet());
    Questions questions = new Questions();
    for (Map.Entry<String, UnitReader> reader : readers.entrySet()) {
      if (alike.containsKey(reader.getKey())) {
        questions.add(UnitReader.differences(reader.getKey()), reader.getValue());
      } else if (isLoadable(reader.getKey())) {
        questions.add(List.of(UnitReader.call(reader.getKey())), reader.getValue());
      }
    }
    questions.ask();
    Map<String, UnitReader> models = new HashMap<>();
    for (Map.Entry<String, State> one : alike.entrySet()) {
      UnitReader reader = readers.get(one.getKey());
      String files = reader.files();
      UnitReader model = files == null ? null : models.putIfAbsent(files, reader);
      if (model != null) {
        reader.follow(model, one.getValue());
      } else {
        questions.add(List.of(UnitReader.call(one.getKey())), reader);
      }
    }
    questions.ask();
    for (UnitReader reader : readers.values()) {
      if (!reader.isFollowing()) {
        questions.add(reader.more(), reader);
      }
    }
    questions.ask();
    for (UnitReader reader : readers.values()) {
      if (reader.isFollowing()) {
        questions.add(reader.more(), reader);
      }
    }
    questions.ask();
    Map<String, Unit> units = new LinkedHashMap<>();
    for (Map.Entry<String, UnitReader> reader : readers.entrySet()) {
      units.put(reader.getKey(), reader.getValue().unit());
    }
    return units;
  }

  /**
   * Those of some units that are likely to be made of the same files as others: running instances
   * of one template's, with no job, where there are several. That they are loaded counts: of a unit
   * that is not, systemd would read the files for each of the questions.
   */
  private Map<String, State> alike(Collection<String> names) {
    Map<String, Integer> counts = new HashMap<>();
    for (String name : names) {
      if (name.endsWith(UnitType.SERVICE.suffix())
          && isLoadable(name)
          && UnitName.templateOf(name) != null) {
        counts.merge(UnitName.templateOf(name), 1, Integer::sum);
      }
    }
    List<String> instances = new ArrayList<>();
    for (String name : counts.isEmpty() ? List.<String>of() : names) {
      if (counts.getOrDefault(String.valueOf(UnitName.templateOf(name)), 0) >= SEVERAL) {
        instances.add(name);
      }
    }
    Map<String, State> alike = new LinkedHashMap<>();
    if (!instances.isEmpty()) {
      for (Listed one : listed(instances)) {
        State state = one.state();
        if (state.active().equals("active") && state.load().equals("loaded") && state.job() == 0) {
          alike.put(one.name(), state);
        }
      }
      alike
          .keySet()
          .retainAll(new HashSet<>(instances)); // not those that were asked for by an alias
    }
    return alike;
  }

  /** Calls, and who wants their replies; asked all together. */
  private final class Questions {
    private final List<Call> calls = new ArrayList<>();
    private final List<UnitReader> callers = new ArrayList<>();

    void add(List<Call> more, UnitReader caller) {
      for (Call call : more) {
        calls.add(call);
        callers.add(caller);
      }
    }

    void ask() {
      if (!calls.isEmpty()) {
        read(calls, callers);
        calls.clear();
        callers.clear();
      }
    }
  }

  @Override
  public Map<String, List<String>> dropIns(Collection<String> names) {
    List<String> loaded = new ArrayList<>();
    List<Call> calls = new ArrayList<>();
    for (Map.Entry<String, State> unit : states(names).entrySet()) {
      if (unit.getValue().load().equals("loaded")) {
        loaded.add(unit.getKey());
        calls.add(
            new Call(
                ObjectPath.ofUnit(unit.getKey()),
                Call.PROPERTIES,
                "Get",
                "ss",
                UnitReader.UNIT,
                "DropInPaths"));
      }
    }
    Map<String, List<String>> dropIns = new LinkedHashMap<>();
    Message[] replies = connection().call(calls, System.nanoTime() + REPLY.toNanos());
    for (int i = 0; i < replies.length; i++) {
      Message reply = replies[i];
      if (reply.error() == null) {
        Body body = reply.body();
        body.signature();
        dropIns.put(loaded.get(i), body.strings());
      } else if (!saysAbsent(reply.error())) {
        throw new SystemdException(
            reply.error(),
            "systemd does not tell the drop-ins of " + loaded.get(i) + ": " + reply.reason());
      }
    }
    return dropIns;
  }

  /** Makes calls and hands each reply to the reader that wants it. */
  private void read(List<Call> calls, List<UnitReader> callers) {
    Message[] replies = connection().call(calls, System.nanoTime() + REPLY.toNanos());
    for (int i = 0; i < replies.length; i++) {
      Message reply = replies[i];
      if (reply.error() == null) {
        callers.get(i).read(calls.get(i), reply.body());
      } else if (!saysAbsent(reply.error())) {
        throw new SystemdException(
            reply.error(),
            "systemd does not tell about " + calls.get(i).path() + ": " + reply.reason());
      }
    }
  }

  /**
   * True for the errors by which systemd says that it can have no such unit, or is too old to have
   * such a property.
   */
  private static boolean saysAbsent(String error) {
    return error.equals(NO_SUCH_UNIT)
        || error.equals(UNKNOWN_OBJECT)
        || error.equals(INVALID_ARGUMENT)
        || error.equals(UNKNOWN_PROPERTY);
  }

  /**
   * False for a template and for what is no unit name: systemd has no such unit, and refuses a
   * whole list for one of them.
   */
  private static boolean isLoadable(String name) {
    return name.length() <= 255
        && UnitType.of(name).isPresent()
        && !UnitName.isTemplate(name)
        && name.indexOf('/') < 0;
  }

  @Override
  public Map<String, State> states(Collection<String> names) {
    Map<String, State> states = new LinkedHashMap<>();
    for (String name : names) {
      states.put(name, State.NOT_FOUND);
    }
    List<String> asked = new ArrayList<>(states.size());
    for (String name : states.keySet()) {
      if (isLoadable(name)) {
        asked.add(name);
      }
    }
    if (asked.isEmpty()) {
      return states;
    }
    List<Listed> listed = listed(asked);
    signals.changed.clear();
    if (listed.size() == asked.size()) {
      for (int i = 0; i < asked.size(); i++) {
        states.put(asked.get(i), listed.get(i).state());
      }
      return states;
    }
    for (Map.Entry<String, Unit> unit : load(asked).entrySet()) {
      states.put(unit.getKey(), unit.getValue().state());
    }
    return states;
  }

  /**
   * What systemd says of some units, in their order; an alias is answered by its unit's primary
   * name. Empty when it refuses one of them.
   */
  private List<Listed> listed(List<String> names) {
    Message reply =
        connection()
            .call(
                List.of(Call.manager("ListUnitsByNames", "as", names)),
                System.nanoTime() + REPLY.toNanos())[0];
    List<Listed> listed = new ArrayList<>(names.size());
    if (reply.error() == null) {
      Body body = reply.body();
      for (int last = body.openArray(8); body.before(last); ) {
        listed.add(Listed.read(body));
      }
    }
    return listed;
  }

  /** A unit as ListUnitsByNames and ListUnitsByPatterns tell it. */
  private record Listed(String name, State state) {
    static Listed read(Body body) {
      body.align(8);
      String name = body.string();
      body.skip("s");
      String load = body.string();
      String active = body.string();
      String sub = body.string();
      body.skip("s");
      body.skip("o");
      long job = body.number();
      String jobType = body.string();
      body.skip("o");
      return new Listed(name, new State(load, active, sub, job, jobType));
    }
  }

  @Override
  public Map<String, State> loaded(String... patterns) {
    Map<String, State> states = new TreeMap<>();
    Body body =
        request(Call.manager("ListUnitsByPatterns", "asas", List.of(), List.of(patterns)), REPLY);
    for (int last = body.openArray(8); body.before(last); ) {
      Listed unit = Listed.read(body);
      states.put(unit.name(), unit.state());
    }
    return states;
  }

  @Override
  public Map<String, Ending> endings(Collection<String> names) {
    List<Call> calls = new ArrayList<>();
    List<EndingReader> callers = new ArrayList<>();
    Map<String, EndingReader> readers = new LinkedHashMap<>();
    for (String name : names) {
      EndingReader reader = new EndingReader();
      readers.put(name, reader);
      for (Call call : isLoadable(name) ? EndingReader.calls(name) : List.<Call>of()) {
        calls.add(call);
        callers.add(reader);
      }
    }
    Message[] replies = connection().call(calls, System.nanoTime() + REPLY.toNanos());
    for (int i = 0; i < replies.length; i++) {
      if (replies[i].error() == null) {
        callers.get(i).read(calls.get(i), replies[i].body());
      }
    }
    Map<String, Ending> endings = new LinkedHashMap<>();
    for (Map.Entry<String, EndingReader> reader : readers.entrySet()) {
      endings.put(reader.getKey(), reader.getValue().ending());
    }
    return endings;
  }

  @Override
  public void reload() {
    request(Call.manager("Reload", ""), RELOAD);
  }

  @Override
  public Map<String, Long> stop(List<String> units) {
    return queue("StopUnit", "stop", "replace-irreversibly", units);
  }

  @Override
  public Map<String, Long> start(List<String> units) {
    return queue("StartUnit", "start", "replace", units);
  }

  private Map<String, Long> queue(String method, String verb, String mode, List<String> units) {
    List<Call> calls = new ArrayList<>();
    for (String unit : units) {
      calls.add(Call.manager(method, "ss", unit, mode));
    }
    Map<String, Long> jobs = new LinkedHashMap<>();
    String error = null;
    StringBuilder refusals = new StringBuilder();
    Message[] replies = connection().call(calls, System.nanoTime() + REPLY.toNanos());
    for (int i = 0; i < replies.length; i++) {
      Message reply = replies[i];
      if (reply.error() == null) {
        long job = ObjectPath.job(reply.body().string());
        signals.begun.add(job);
        jobs.put(units.get(i), job);
      } else if (!verb.equals("stop") || !reply.error().equals(NO_SUCH_UNIT)) {
        error = error == null ? reply.error() : error;
        refusals
            .append(refusals.length() == 0 ? "systemd refuses to " + verb + " " : "; ")
            .append(units.get(i))
            .append(": ")
            .append(reply.reason());
      }
    }
    if (error != null) {
      throw new SystemdException(error, refusals.toString());
    }
    return jobs;
  }

  @Override
  public long startOneshotBefore(
      String name,
      String description,
      List<List<String>> commands,
      List<String> wants,
      List<String> before) {
    List<Object[]> exec = new ArrayList<>();
    for (List<String> command : commands) {
      exec.add(new Object[] {command.get(0), command, false});
    }
    List<String> ordered = new ArrayList<>(before);
    ordered.add("shutdown.target");
    List<Object[]> properties = new ArrayList<>();
    properties.add(set("Description", "s", description));
    properties.add(set("Type", "s", "oneshot"));
    properties.add(set("ExecStart", "a(sasb)", exec));
    properties.add(set("Wants", "as", wants));
    properties.add(set("Before", "as", ordered));
    // The default dependencies would order it after basic.target, and so after the sockets and
    // timers that it is to come before. Of them it keeps
    // only that a shutdown and it exclude each other: then no hold is opened whose members could
    // not be started.
    properties.add(set("DefaultDependencies", "b", false));
    properties.add(set("Conflicts", "as", List.of("shutdown.target")));
    properties.add(set("CollectMode", "s", "inactive-or-failed"));
    Message reply =
        connection()
            .call(
                List.of(
                    Call.manager(
                        "StartTransientUnit",
                        "ssa(sv)a(sa(sv))",
                        name,
                        "replace",
                        properties,
                        List.of())),
                System.nanoTime() + REPLY.toNanos())[0];
    if (reply.error() != null) {
      throw new SystemdException(
          reply.error(), "systemd refuses to start " + name + ": " + reply.reason());
    }
    long job = ObjectPath.job(reply.body().string());
    signals.begun.add(job);
    return job;
  }

  /** A property with its value as dbus-java writes a variant: the signature, then the value. */
  private static Object[] set(String name, String signature, Object value) {
    return new Object[] {name, new Object[] {signature, value}};
  }

  @Override
  public Map<Long, String> await(Collection<Long> jobs, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Set<Long> open = new HashSet<>(jobs);
    open.removeAll(signals.ended.keySet());
    findEnded(open, deadline);
    while (!open.isEmpty()) {
      Message message = connection().next(deadline);
      if (message == null) {
        break;
      }
      if (message.type() == Message.SIGNAL) {
        signals.signal(message);
        open.remove(signals.lastEnded);
      }
    }
    Map<Long, String> results = new LinkedHashMap<>();
    for (Long job : jobs) {
      String result = signals.ended.get(job);
      if (result != null) {
        results.put(job, result);
      }
    }
    return results;
  }

  /**
   * Looks for jobs that ended before we connected: nobody tells their results any more. Of a job
   * that began since, a signal tells the end.
   */
  private void findEnded(Set<Long> open, long deadline) {
    List<Long> asked = new ArrayList<>(open);
    asked.removeAll(signals.begun);
    List<Call> calls = new ArrayList<>();
    for (Long job : asked) {
      calls.add(Call.manager("GetJob", "u", job));
    }
    if (calls.isEmpty()) {
      return;
    }
    Message[] replies =
        connection().call(calls, Math.max(deadline, System.nanoTime() + REPLY.toNanos()));
    for (int i = 0; i < replies.length; i++) {
      if (NO_SUCH_JOB.equals(replies[i].error())) {
        signals.ended.putIfAbsent(asked.get(i), "unknown");
      }
    }
    open.removeAll(signals.ended.keySet());
  }

  @Override
  public boolean awaitChange(Collection<String> units, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Set<String> paths = new HashSet<>();
    for (String unit : units) {
      paths.add(ObjectPath.ofUnit(unit));
    }
    while (true) {
      if (signals.changed.removeAll(paths)) {
        return true;
      }
      Message message = connection().next(deadline);
      if (message == null) {
        return false;
      }
      if (message.type() == Message.SIGNAL) {
        signals.signal(message);
      }
    }
  }

  @Override
  public int refused(Collection<String> units) {
    int refused = 0;
    for (String unit : units) {
      refused += signals.refused.getOrDefault(unit, 0);
    }
    return refused;
  }

  @Override
  public void close() {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (IOException e) {
      throw new SystemdException(
          "the connection to systemd cannot be closed: " + e.getMessage(), e);
    }
  }
}
