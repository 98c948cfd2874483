package quietus.disk;

import java.time.Duration;

/** The package's entry: everything of ours that lies on a host's disk. */
public final class Disk {
  private final Layout layout;
  private final TrustedFiles files;
  private final Holds holds;
  private final Control control;
  private final Leases leases;

  public Disk(Layout layout) {
    this.layout = layout;
    this.files = new TrustedFiles(layout.root());
    this.holds = new Holds(layout, files);
    this.control = new Control(layout, files);
    this.leases = new Leases(layout, files);
  }

  public Holds holds() {
    return holds;
  }

  public Control control() {
    return control;
  }

  public Leases leases() {
    return leases;
  }

  /** See {@link Lock#take}. */
  public Lock lock(Duration limit) {
    return Lock.take(layout.lock(), files, limit);
  }
}
