// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import quietus.hold.Now;

/** The package's entry: the files of Quietus on a host. */
public final class Disk implements DiskView {
  private final Layout layout;
  private final TrustedFiles files;
  private final Holds holds;
  private final Control control;
  private final Leases leases;
  private final Launcher launcher;
  private final BootClock clocks;

  public Disk(Layout layout) {
    this.layout = layout;
    this.files = new TrustedFiles(layout.root());
    this.holds = new Holds(layout, files);
    this.control = new Control(layout, files);
    this.leases = new Leases(layout, files);
    this.launcher = new Launcher(layout, new TrustedFiles(layout.root()));
    this.clocks = new BootClock(layout.root());
  }

  @Override
  public Holds holds() {
    return holds;
  }

  @Override
  public Control control() {
    return control;
  }

  @Override
  public Leases leases() {
    return leases;
  }

  @Override
  public boolean isUser() {
    return layout.persistent().endsWith("user.control");
  }

  /** The command for people, which a hold leaves on the host; it is no change of the host. */
  public Launcher launcher() {
    return launcher;
  }

  @Override
  public Now now(Instant clock) {
    return clocks.now(clock);
  }

  @Override
  public List<Path> unfinished() {
    try {
      files.list(layout.data());
      files.list(Launcher.copies(layout));
    } catch (DiskException e) {
      // a run that writes there reports it
    }
    return files.unfinished.seen();
  }

  /** Deletes such files, and the directories of gates that are empty then. */
  public void clear(List<Path> unfinished) {
    for (Path file : unfinished) {
      files.delete(file);
      if (file.getParent().toString().endsWith(".d")) {
        files.deleteEmpty(file.getParent());
      }
    }
  }

  /** True when this run wrote, moved or deleted a file; the lock's own does not count. */
  public boolean isChanged() {
    return files.isChanged();
  }

  /** See {@link Lock#take}. */
  public Lock lock(Duration limit) {
    return Lock.take(layout.lock(), files, limit);
  }
}
