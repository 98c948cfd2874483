// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import quietus.disk.DiskView;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.hold.Until;

/** Gates and lease files that a run left when it ended early, and that no hold uses. */
public final class Leftovers {
  /**
   * The gates of one subject.
   *
   * @param isMasked a unit of it is masked too, as after somebody deleted the record
   */
  public record Gates(String subject, Until until, Set<String> units, boolean isMasked) {}

  private final List<Gates> gates = new ArrayList<>();
  private final List<Path> leases;

  /**
   * @param except the subjects of this run
   */
  public Leftovers(DiskView disk, AllHolds all, Set<String> except) {
    Set<String> known = new LinkedHashSet<>(except);
    for (FoundHold found : all.found()) {
      known.add(found.hold().subject());
    }
    for (DamagedHold damaged : all.damaged()) {
      known.add(damaged.subject());
    }
    for (String subject : disk.control().subjects()) {
      if (!known.contains(subject)) {
        add(disk, subject);
      }
    }
    this.leases = all.damaged().isEmpty() ? disk.leases().left(all) : List.of();
  }

  private void add(DiskView disk, String subject) {
    for (Until until : Until.values()) {
      Set<String> units = disk.control().gated(until, subject);
      if (!units.isEmpty()) {
        boolean masked = false;
        for (String unit : units) {
          masked |= disk.control().isMasked(until, unit);
        }
        gates.add(new Gates(subject, until, units, masked));
      }
    }
  }

  /** The gates without a record and without masks: they close nothing. */
  public List<Gates> gates() {
    List<Gates> open = new ArrayList<>();
    for (Gates one : gates) {
      if (!one.isMasked()) {
        open.add(one);
      }
    }
    return open;
  }

  /** The files of leases that no hold has. */
  public List<Path> leases() {
    return leases;
  }

  /** True when there is nothing to remove. */
  public boolean isEmpty() {
    return leases.isEmpty() && gates().isEmpty();
  }

  /** One sentence for each subject, and one for the lease files. */
  public List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    for (Gates one : gates) {
      sentences.add(
          one.isMasked()
              ? "there are gates and masks of "
                  + one.subject()
                  + " without its record ("
                  + Text.list(one.units())
                  + "); unless somebody restores that record, release it: quietus release '"
                  + one.subject()
                  + "'"
              : "gates of "
                  + one.subject()
                  + " were left by a run that ended early ("
                  + Text.list(one.units())
                  + "); they close nothing, and every quiesce or release on this host removes"
                  + " them");
    }
    if (!leases.isEmpty()) {
      List<String> files = new ArrayList<>();
      for (Path file : leases) {
        files.add(file.toString());
      }
      sentences.add(
          "files of a lease that no hold has were left by a run that ended early ("
              + Text.list(files)
              + "); every quiesce or release on this host removes them");
    }
    return sentences;
  }
}
