package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import quietus.hold.Hold;
import quietus.hold.Until;

/**
 * The units that release a hold by themselves when its lease ends: a timer, the service that it
 * starts, and a copy of the agent, so that nothing but a JVM is needed then. The timer also looks
 * at every boot, in case the moment passed while the host was off.
 */
public final class Leases implements DiskView.LeasesView {

  private final Layout layout;
  private final TrustedFiles files;

  Leases(Layout layout, TrustedFiles files) {
    this.layout = layout;
    this.files = files;
  }

  /**
   * A moment as systemd.time(7) wants it; made when it is needed, for a formatter costs every run
   * 80 classes.
   */
  private static String calendar(Instant moment) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'")
        .withZone(ZoneOffset.UTC)
        .format(moment);
  }

  /** The timer of a subject's lease. */
  public static String timer(String subject) {
    return "quietus-lease-" + subject + ".timer";
  }

  private static String service(String subject) {
    return "quietus-lease-" + subject + ".service";
  }

  private Path unit(Until until, String name) {
    return layout.units(until).resolve(name);
  }

  private Path link(Until until, String subject) {
    return layout.units(until).resolve("timers.target.wants").resolve(timer(subject));
  }

  private Path jar(Until until, String subject) {
    // java takes a path with a colon for two; no unit's name has a plus
    return layout.state(until).resolve(subject.replace(':', '+') + ".jar");
  }

  @Override
  public boolean isSet(Hold hold) {
    String subject = hold.subject();
    byte[] timer = files.read(unit(hold.until(), timer(subject)));
    return timer != null
        && new String(timer, StandardCharsets.UTF_8)
            .contains("OnCalendar=" + calendar(hold.lease()) + "\n")
        && TrustedFiles.exists(unit(hold.until(), service(subject)))
        && TrustedFiles.exists(link(hold.until(), subject))
        && TrustedFiles.exists(jar(hold.until(), subject));
  }

  /**
   * Writes what releases a hold at its time; systemd has to reload and to start the timer.
   *
   * @param agent the jar of this agent
   * @param java the JVM that runs it; where that is gone by then, the one on PATH is taken
   * @param user the hold is in a user's manager
   */
  public void set(Hold hold, Path agent, String java, boolean user) {
    String subject = hold.subject();
    Until until = hold.until();
    files.directory(layout.state(until), "rwx------");
    files.directory(link(until, subject).getParent(), "rwxr-xr-x");
    try {
      files.write(jar(until, subject), Files.readAllBytes(agent), "rw-------");
    } catch (IOException e) {
      throw TrustedFiles.failed("read", agent, e);
    }
    String command =
        "java="
            + UnitText.shellWord(java)
            + "; [ -x \"$$java\" ] || java=java; exec \"$$java\" -jar "
            + UnitText.shellWord(jar(until, subject).toString())
            + " release --expired"
            + (user ? " --user" : "")
            + " "
            + UnitText.shellWord(subject);
    write(
        unit(until, service(subject)),
        "[Unit]\nDescription=Release "
            + subject
            + " when its lease has ended\nStartLimitIntervalSec=0\n\n"
            + "[Service]\nType=oneshot\nEnvironment=LC_ALL=C.UTF-8\nExecStart=/bin/sh -c \""
            + command.replace("\\", "\\\\").replace("\"", "\\\"")
            + "\"\nRestart=on-failure\nRestartSec=30\n");
    write(
        unit(until, timer(subject)),
        "[Unit]\nDescription=The end of the lease on "
            + subject
            + "\n\n[Timer]\nOnCalendar="
            + calendar(hold.lease())
            + "\nOnBootSec=5\nAccuracySec=1\n\n[Install]\nWantedBy=timers.target\n");
    try {
      Files.createSymbolicLink(link(until, subject), Path.of("..").resolve(timer(subject)));
    } catch (FileAlreadyExistsException e) {
      // from the lease that this one renews
    } catch (IOException e) {
      throw TrustedFiles.failed("make the link", link(until, subject), e);
    }
  }

  private void write(Path file, String text) {
    files.write(file, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
  }

  /** Takes it away again. @return true when there was anything of it */
  public boolean clear(Until until, String subject) {
    boolean gone = false;
    for (Path file :
        List.of(
            link(until, subject),
            unit(until, timer(subject)),
            unit(until, service(subject)),
            jar(until, subject))) {
      gone |= files.delete(file);
    }
    return gone;
  }
}
