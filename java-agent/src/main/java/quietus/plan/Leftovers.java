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

/**
 * Gates, lease files and unfinished files that a run left when it ended early, and that no hold
 * uses.
 */
public final class Leftovers {
  /**
   * The gates of one subject.
   *
   * @param isMasked a unit of it is masked too, as after somebody deleted the record
   */
  public record Gates(String subject, Until until, Set<String> units, boolean isMasked) {}

  private final List<Gates> gates = new ArrayList<>();
  private final List<Path> leases;
  private final List<Path> unfinished;

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
    this.unfinished = disk.unfinished();
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

  /** Files that were not whole when a run ended. */
  public List<Path> unfinished() {
    return unfinished;
  }

  /** True when there is nothing to remove. */
  public boolean isEmpty() {
    return leases.isEmpty() && unfinished.isEmpty() && gates().isEmpty();
  }

  /** One sentence for each subject, and one for each kind of files. */
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
    addFiles(sentences, "files of a lease that no hold has", leases);
    addFiles(sentences, "unfinished files", unfinished);
    return sentences;
  }

  private static void addFiles(List<String> sentences, String what, List<Path> files) {
    if (!files.isEmpty()) {
      List<String> names = new ArrayList<>();
      for (Path file : files) {
        names.add(file.toString());
      }
      sentences.add(
          what
              + " were left by a run that ended early ("
              + Text.list(names)
              + "); every quiesce or release on this host removes them");
    }
  }
}
