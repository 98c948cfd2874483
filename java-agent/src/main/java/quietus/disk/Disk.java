package quietus.disk;

import java.time.Duration;

/** The package's entry: everything of ours that lies on a host's disk. */
public final class Disk implements DiskView {
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

  /** See {@link Lock#take}. */
  public Lock lock(Duration limit) {
    return Lock.take(layout.lock(), files, limit);
  }
}
