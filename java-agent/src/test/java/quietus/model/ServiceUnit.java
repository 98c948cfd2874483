// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import quietus.model.Processes.Proc;

/** A service (systemd.service(5); src/core/service.c). */
final class ServiceUnit extends ModelUnit {
  private static final String SUCCESS = "success";
  private static final String PINNED = "dead-resources-pinned";
  private static final Set<String> STARTING = Set.of("start-pre", "start", "start-post");
  private static final Set<String> STOPPING =
      Set.of("stop", "stop-sigterm", "stop-sigkill", "stop-post", "final-sigterm", "final-sigkill");
  private static final Set<String> WAITING_TO_RESTART =
      Set.of("auto-restart", "dead-before-auto-restart", "failed-before-auto-restart");

  private final Deque<Program> next = new ArrayDeque<>();
  private Proc main;
  private Proc control;
  private Timeline.Due timer;
  private boolean forbidRestart;
  private boolean isEnding;

  /** The socket with Accept=yes that spawned it for a connection; null when none did. */
  private SocketUnit connection;

  ServiceUnit(Machine machine, String id) {
    super(machine, id);
  }

  ServiceSettings settings() {
    return new ServiceSettings(id(), text());
  }

  private String group() {
    return settings().group();
  }

  boolean acceptsConnections() {
    return main != null && main.program.accepts();
  }

  void serves(SocketUnit socket) {
    connection = socket;
  }

  /** Its start was refused before it began: the connection that it was for is closed. */
  void refused(SocketUnit socket) {
    if (connection == socket) {
      connection = null;
      socket.closed();
    }
  }

  private List<String> commands(String key) {
    return text().lines("Service", key);
  }

  @Override
  Outcome startNow() {
    if (STOPPING.contains(sub()) || WAITING_TO_RESTART.contains(sub())) {
      return Outcome.AGAIN;
    }
    if (STARTING.contains(sub())) {
      return Outcome.GOING;
    }
    if (!isBelowStartLimit()) {
      dead("start-limit-hit", false);
      return Outcome.FAILED;
    }
    begin(sub().equals("auto-restart-queued") ? "Restart=" : "");
    result = SUCCESS;
    forbidRestart = false;
    isEnding = false;
    if (!control("ExecStartPre", Active.ACTIVATING, "start-pre", "TimeoutStartSec")) {
      startMain();
    }
    return Outcome.GOING;
  }

  @Override
  Outcome stopNow() {
    forbidRestart = true;
    if (STOPPING.contains(sub())) {
      return Outcome.GOING;
    }
    if (sub().startsWith("auto-restart")) {
      Timeline.cancel(timer);
      set(Active.INACTIVE, deadState());
    } else if (STARTING.contains(sub())) {
      signal("stop-sigterm", SUCCESS);
    } else {
      stopMain(SUCCESS);
    }
    return Outcome.GOING;
  }

  /**
   * Runs the commands of a key one after the other in some state. @return false when there are none
   */
  private boolean control(String key, Active active, String state, String timeout) {
    next.clear();
    commands(key).forEach(c -> next.add(Program.parse(c)));
    if (next.isEmpty()) {
      return false;
    }
    arm(settings().timeout(timeout));
    control = spawn(next.poll());
    set(active, state);
    return true;
  }

  private Proc spawn(Program program) {
    machine.history.add(id(), History.Kind.RAN, program.line());
    Proc proc = machine.processes.spawn(group(), program);
    if (program.hasChild()) {
      Proc child = machine.processes.spawn(group(), Program.parse("/bin/sleep infinity"));
      proc.child = child;
    }
    proc.exit =
        machine.timeline.in(
            program.lasts(),
            () -> exited(proc, program.act() == 0 || program.mayFail() ? SUCCESS : "exit-code"));
    return proc;
  }

  private void arm(long delay) {
    Timeline.cancel(timer);
    timer = delay <= 0 ? null : machine.timeline.in(delay, this::elapsed);
  }

  private void startMain() {
    next.clear();
    commands("ExecStart").forEach(c -> next.add(Program.parse(c)));
    String type = settings().type();
    if (next.isEmpty()) {
      set(Active.ACTIVATING, "start");
      started();
      return;
    }
    main = spawn(next.poll());
    if (type.equals("simple") || type.equals("idle")) {
      started();
      return;
    }
    arm(
        type.equals("oneshot")
            ? text().span("Service", "TimeoutStartSec", -1)
            : settings().timeout("TimeoutStartSec"));
    set(Active.ACTIVATING, "start");
    if (!type.equals("oneshot") && !(type.equals("forking") && main.program.hasChild())) {
      Proc waited = main;
      machine.timeline.in(
          Program.MOMENT,
          () -> {
            if (main == waited && waited.isAlive && sub().equals("start")) {
              started();
            }
          });
    }
  }

  private void started() {
    next.clear();
    if (!control("ExecStartPost", Active.ACTIVATING, "start-post", "TimeoutStartSec")) {
      running(SUCCESS);
    }
  }

  private void running(String why) {
    Timeline.cancel(timer);
    remember(why);
    if (!result.equals(SUCCESS)) {
      signal("stop-sigterm", why);
    } else if (main != null) {
      set(Active.ACTIVE, "running");
    } else if (settings().remains()) {
      set(Active.ACTIVE, "exited");
    } else {
      stopMain(SUCCESS);
    }
  }

  private void remember(String why) {
    if (result.equals(SUCCESS)) {
      result = why;
    }
  }

  private void ending() {
    if (!isEnding) {
      isEnding = true;
      end();
    }
  }

  private void stopMain(String why) {
    remember(why);
    ending();
    if (!control("ExecStop", Active.DEACTIVATING, "stop", "TimeoutStopSec")) {
      signal("stop-sigterm", SUCCESS);
    }
  }

  /**
   * Sends SIGTERM or SIGKILL to the processes that KillMode= selects; continues at once when there
   * are none.
   */
  private void signal(String state, String why) {
    remember(why);
    ending();
    boolean kills = state.endsWith("sigkill");
    String mode = settings().killMode();
    int signalled = 0;
    for (Proc proc : machine.processes.in(group())) {
      boolean isOwn = proc == main || proc == control;
      if (mode.equals("control-group")
          || mode.equals("mixed") && (kills || isOwn)
          || mode.equals("process") && isOwn) {
        send(proc, kills);
        signalled++;
      }
    }
    boolean sendsKill = settings().sendsKill();
    if (signalled > 0) {
      arm(settings().timeout("TimeoutStopSec"));
      set(Active.DEACTIVATING, state);
    } else if (state.equals("stop-sigterm") && sendsKill) {
      signal("stop-sigkill", SUCCESS);
    } else if (state.startsWith("stop-")) {
      stopPost(SUCCESS);
    } else if (state.equals("final-sigterm") && sendsKill) {
      signal("final-sigkill", SUCCESS);
    } else {
      dead(SUCCESS, true);
    }
  }

  private void send(Proc proc, boolean kills) {
    long delay =
        kills ? Program.MOMENT / 2 : proc.program.ignoresTerm() ? -1 : proc.program.dying();
    if (delay >= 0
        && (proc.exit == null
            || kills
            || proc.exit.at > machine.timeline.now() + delay
            || proc.program.lasts() < 0)) {
      Timeline.cancel(proc.exit);
      proc.exit =
          machine.timeline.in(
              delay, () -> exited(proc, proc == control ? "signal" : kills ? "signal" : SUCCESS));
    }
  }

  private void stopPost(String why) {
    remember(why);
    if (!control("ExecStopPost", Active.DEACTIVATING, "stop-post", "TimeoutStopSec")) {
      signal("final-sigterm", SUCCESS);
    }
  }

  /** A process ended. */
  private void exited(Proc proc, String how) {
    machine.processes.end(proc);
    if (settings().type().equals("forking")
        && proc == main
        && sub().equals("start")
        && how.equals(SUCCESS)
        && proc.child != null
        && proc.child.isAlive) {
      main = proc.child;
      started();
      return;
    }
    if (proc == control) {
      control = null;
      controlExited(how);
    } else if (proc == main) {
      main = null;
      mainExited(how);
    } else if (main == null && control == null && machine.processes.in(group()).isEmpty()) {
      emptied();
    }
  }

  private void controlExited(String how) {
    if (how.equals(SUCCESS) && !next.isEmpty()) {
      control = spawn(next.poll());
      return;
    }
    switch (sub()) {
      case "start-pre" -> {
        if (how.equals(SUCCESS)) {
          startMain();
        } else {
          signal("stop-sigterm", how);
        }
      }
      case "start-post" -> {
        if (how.equals(SUCCESS)) {
          running(SUCCESS);
        } else {
          signal("stop-sigterm", how);
        }
      }
      case "stop" -> signal("stop-sigterm", how);
      case "stop-post" -> signal("final-sigterm", how);
      default -> emptied();
    }
  }

  private void mainExited(String how) {
    switch (sub()) {
      case "start" -> {
        if (!how.equals(SUCCESS)) {
          signal("stop-sigterm", how);
        } else if (!next.isEmpty()) {
          main = spawn(next.poll());
        } else if (settings().type().equals("oneshot")) {
          started();
        } else {
          signal("stop-sigterm", "protocol");
        }
      }
      case "running" -> running(how);
      case "start-post", "stop", "stop-post" -> remember(how);
      default -> {
        remember(how.equals("signal") && sub().endsWith("sigkill") ? "signal" : how);
        emptied();
      }
    }
  }

  /** It has no process left, or none that systemd waits for. */
  private void emptied() {
    if (main != null || control != null) {
      return;
    }
    if (sub().startsWith("stop-sig")) {
      stopPost(SUCCESS);
    } else if (sub().startsWith("final-sig")) {
      dead(SUCCESS, true);
    }
  }

  private void elapsed() {
    switch (sub()) {
      case "auto-restart" -> restart();
      case "start-pre", "start", "start-post", "stop" -> signal("stop-sigterm", "timeout");
      case "stop-sigterm" -> {
        if (settings().sendsKill()) {
          signal("stop-sigkill", "timeout");
        } else {
          stopPost("timeout");
        }
      }
      case "stop-sigkill" -> stopPost("timeout");
      case "stop-post" -> signal("final-sigterm", "timeout");
      case "final-sigterm" -> signal("final-sigkill", "timeout");
      case "final-sigkill" -> dead("timeout", true);
      default -> {}
    }
  }

  private void dead(String why, boolean mayRestart) {
    remember(why);
    Timeline.cancel(timer);
    next.clear();
    boolean isFailed = !result.equals(SUCCESS);
    boolean restart =
        mayRestart && !isStopPending() && !forbidRestart && settings().restarts(result);
    forbidRestart = false;
    Active end = isFailed ? Active.FAILED : Active.INACTIVE;
    String sub = isFailed ? "failed" : restart ? "dead" : deadState();
    if (restart) {
      set(end, machine.version >= 254 ? sub + "-before-auto-restart" : sub, true);
      arm(settings().restartDelay());
      set(Active.ACTIVATING, "auto-restart", true);
    } else {
      set(end, sub);
    }
    if (connection != null && !restart) {
      connection.closed();
      connection = null;
    }
  }

  @Override
  String deadState() {
    return machine.version >= 254 && settings().keepsDescriptors() ? PINNED : super.deadState();
  }

  /** True when it is down and systemd keeps file descriptors for it. */
  boolean isPinned() {
    return sub().equals(PINNED);
  }

  /** A configuration that keeps none, such as that of a mask, closes the descriptors. */
  @Override
  void coldplug() {
    if (isPinned() && !deadState().equals(PINNED)) {
      set(Active.INACTIVE, deadState());
    }
  }

  private void restart() {
    if (isStopPending()) {
      if (machine.version < 254) {
        arm(settings().restartDelay());
      }
      return;
    }
    try {
      if (machine.version < 254) {
        machine.jobs.add(JobType.RESTART, this, JobMode.REPLACE);
      } else {
        machine.jobs.add(JobType.START, this, JobMode.RESTART_DEPENDENCIES);
        set(Active.ACTIVATING, "auto-restart-queued");
      }
      restarts++;
    } catch (quietus.systemd.SystemdException e) {
      dead("resources", false);
    }
  }

  /** SIGKILL to its main process, by somebody else. @return false when it has none */
  boolean kill() {
    if (main == null) {
      return false;
    }
    Proc victim = main;
    machine.processes.end(victim);
    main = null;
    mainExited("signal");
    return true;
  }

  @Override
  boolean mayBeCollected() {
    return super.mayBeCollected() && connection == null;
  }

  @Override
  void powerOff() {
    Timeline.cancel(timer);
    main = null;
    control = null;
  }
}
