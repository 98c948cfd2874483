// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.HoldJson;
import quietus.hold.Phase;
import quietus.hold.Until;

/** The holds of a host, one file each. */
public final class Holds implements DiskView.HoldsView {
  /** More records than any host has. */
  static final int MOST = 10_000;

  private static final String OWN = "rwx------";
  private static final String FILE = "rw-------";

  /** A class and not a lambda, which would cost every run some ms. */
  private static final Comparator<FoundHold> BY_SUBJECT =
      new Comparator<>() {
        @Override
        public int compare(FoundHold a, FoundHold b) {
          return a.hold().subject().compareTo(b.hold().subject());
        }
      };

  private final Layout layout;
  private final TrustedFiles files;

  Holds(Layout layout, TrustedFiles files) {
    this.layout = layout;
    this.files = files;
  }

  @Override
  public AllHolds all() {
    List<FoundHold> found = new ArrayList<>();
    List<DamagedHold> damaged = new ArrayList<>();
    for (Until until : Until.values()) {
      for (Phase phase : Phase.values()) {
        Path directory = path(until, phase, "x").getParent();
        List<String> strange = new ArrayList<>();
        for (String subject : files.list(directory, MOST, strange)) {
          try {
            Hold hold = read(path(until, phase, subject), subject, until);
            if (hold != null) {
              found.add(new FoundHold(hold, phase));
            }
          } catch (DiskException e) {
            damaged.add(new DamagedHold(subject, until, e.getMessage()));
          }
        }
        for (String name : strange) {
          damaged.add(
              new DamagedHold(
                  name,
                  until,
                  "the file '"
                      + name
                      + "' in "
                      + directory
                      + " is no record of a hold, because no unit can have that name. It holds"
                      + " nothing; move it to another directory"));
        }
      }
    }
    found.sort(BY_SUBJECT);
    return new AllHolds(found, damaged);
  }

  private Hold read(Path file, String subject, Until until) {
    byte[] bytes = files.read(file);
    if (bytes == null) {
      return null;
    }
    Hold hold;
    try {
      hold = HoldJson.read(bytes);
    } catch (IllegalArgumentException e) {
      throw new DiskException(
          "the hold "
              + file
              + " cannot be read: "
              + e.getMessage()
              + ". The family stays down while this file is there. Put it right, or move it to"
              + " another directory to open the gates and start "
              + subject
              + " by hand",
          e);
    }
    if (!hold.subject().equals(subject) || hold.until() != until) {
      throw new DiskException(
          "the hold "
              + file
              + " says that it is of "
              + hold.subject()
              + " until "
              + hold.until().word()
              + ", which is not what its place says; move it back to where it was");
    }
    return hold;
  }

  @Override
  public Path path(Until until, Phase phase, String subject) {
    return phase == Phase.HELD ? layout.held(until, subject) : layout.releasing(until, subject);
  }

  /**
   * Makes the directories for a hold, so that neither closing nor opening can fail because they are
   * missing.
   */
  public void prepare(Until until) {
    for (Phase phase : Phase.values()) {
      files.directory(path(until, phase, "x").getParent(), OWN);
    }
  }

  /**
   * Writes a hold in a phase, atomically and with fsync. With {@link Phase#HELD}, this is the
   * instant of closing.
   */
  public void write(Hold hold, Phase phase) {
    write(List.of(hold), phase);
  }

  /** Writes several holds in a phase: each atomically, and one right after the other. */
  public void write(List<Hold> holds, Phase phase) {
    Map<Path, byte[]> records = new LinkedHashMap<>();
    for (Hold hold : holds) {
      prepare(hold.until());
      records.put(path(hold.until(), phase, hold.subject()), readable(hold));
    }
    files.write(records, FILE);
  }

  /** A hold's record, parsed before it is written: one that cannot be read cannot be released. */
  private static byte[] readable(Hold hold) {
    byte[] record = HoldJson.write(hold);
    String trouble = null;
    if (record.length > TrustedFiles.LARGEST) {
      trouble = "it would have " + record.length + " bytes";
    } else {
      try {
        HoldJson.read(record);
      } catch (IllegalArgumentException e) {
        trouble = e.getMessage();
      }
    }
    if (trouble != null) {
      throw new DiskException(
          "the hold on "
              + hold.subject()
              + " is not written, because its record could not be read again: "
              + trouble);
    }
    return record;
  }

  /** Moves a hold to another phase: the instant of opening, or of closing again. */
  public void move(Hold hold, Phase from, Phase to) {
    prepare(hold.until());
    files.rename(path(hold.until(), from, hold.subject()), path(hold.until(), to, hold.subject()));
  }

  /** Deletes a hold's record in a phase. */
  public void delete(Hold hold, Phase phase) {
    Path file = path(hold.until(), phase, hold.subject());
    if (files.delete(file)) {
      files.flushDirectory(file.getParent());
    }
  }

  /** Fsyncs the directories after somebody else moved a hold's file. */
  public void flush(Hold hold) {
    for (Phase phase : Phase.values()) {
      files.flushDirectory(path(hold.until(), phase, hold.subject()).getParent());
    }
  }

  @Override
  public boolean exists(Hold hold, Phase phase) {
    return TrustedFiles.exists(path(hold.until(), phase, hold.subject()));
  }
}
