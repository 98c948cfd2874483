// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import quietus.hold.Hold;
import quietus.hold.Until;
import quietus.unit.UnitName;

/**
 * Gates and masks, in the control directories that outrank all others (systemd.unit(5), table 1).
 *
 * <p>A gate is a drop-in that makes systemd refuse a start while the hold's file exists; a mask is
 * a link to /dev/null.
 */
public final class Control implements DiskView.ControlView {
  private static final String DIRECTORY = "rwxr-xr-x";
  private static final Path NULL = Path.of("/dev/null");

  /** Sorts last among the drop-ins, so that no other can empty the list of assertions after it. */
  private static final String PREFIX = "zz-quietus-";

  private static final String SUFFIX = ".conf";

  private final Layout layout;
  private final TrustedFiles files;

  Control(Layout layout, TrustedFiles files) {
    this.layout = layout;
    this.files = files;
  }

  @Override
  public Path gate(Until until, String unit, String subject) {
    return layout.control(until).resolve(unit + ".d").resolve(PREFIX + subject + SUFFIX);
  }

  private Path mask(Until until, String unit) {
    return layout.control(until).resolve(unit);
  }

  /** The line that closes the gate; everything else in the file is for people. */
  private String assertion(Hold hold) {
    return "AssertPathExists=!"
        + UnitText.path(layout.held(hold.until(), hold.subject()).toString());
  }

  @Override
  public boolean isGated(Hold hold, String unit) {
    byte[] found = files.read(gate(hold.until(), unit, hold.subject()));
    if (found == null) {
      return false;
    }
    String text = new String(found, StandardCharsets.UTF_8);
    return text.endsWith("[Unit]\n" + assertion(hold) + "\n");
  }

  /**
   * Writes the gate of a unit for a hold.
   *
   * @param release the command that releases it, for whoever reads the file
   */
  public void close(Hold hold, String unit, String release) {
    close(hold, List.of(unit), release);
  }

  /**
   * Writes the gates of some units for a hold; all are on the disk when it returns. They have the
   * same text, so they are hard links to one file: its text is fsynced once, and the fsync of a
   * directory after that of another has nothing left to write.
   *
   * @param release the command that releases it, for whoever reads the file
   */
  public void close(Hold hold, Collection<String> units, String release) {
    byte[] text = text(hold, release).getBytes(StandardCharsets.UTF_8);
    files.directory(layout.control(hold.until()), DIRECTORY);
    Path first = null;
    for (String unit : units) {
      Path gate = gate(hold.until(), unit, hold.subject());
      files.unflushedDirectory(gate.getParent(), DIRECTORY);
      if (first == null) {
        files.write(gate, text, "rw-r--r--");
        first = gate;
      } else if (!files.link(first, gate)) {
        files.write(gate, text, "rw-r--r--");
      }
    }
    for (String unit : units) {
      files.flushDirectory(gate(hold.until(), unit, hold.subject()).getParent());
    }
    flush(hold.until());
  }

  private String text(Hold hold, String release) {
    return "# Quietus holds "
        + hold.subject()
        + (hold.reason().isEmpty() ? "" : ": \"" + UnitText.comment(hold.reason()) + "\"")
        + "\n"
        + "# since "
        + hold.since()
        + " by \""
        + UnitText.comment(hold.by())
        + "\", until "
        + (hold.until() == Until.RELEASED ? "it is released" : "the next boot")
        + ".\n# To release it: "
        + UnitText.comment(release)
        + "\n# systemd refuses every start of this unit while the file below exists.\n[Unit]\n"
        + assertion(hold)
        + "\n";
  }

  /** Deletes the gate of a unit. @return true when there was one */
  public boolean open(Until until, String unit, String subject) {
    Path gate = gate(until, unit, subject);
    boolean deleted = files.delete(gate);
    if (deleted) {
      files.deleteEmpty(gate.getParent());
    }
    return deleted;
  }

  @Override
  public Set<String> gated(Until until, String subject) {
    Set<String> units = new LinkedHashSet<>();
    for (String name : files.list(layout.control(until))) {
      if (name.endsWith(".d")
          && TrustedFiles.exists(
              layout.control(until).resolve(name).resolve(PREFIX + subject + SUFFIX))) {
        units.add(name.substring(0, name.length() - 2));
      }
    }
    return units;
  }

  @Override
  public Set<String> subjects() {
    Set<String> subjects = new LinkedHashSet<>();
    for (Until until : Until.values()) {
      for (String name : files.list(layout.control(until))) {
        if (name.endsWith(".d")) {
          for (String dropIn : files.list(layout.control(until).resolve(name))) {
            if (dropIn.startsWith(PREFIX) && dropIn.endsWith(SUFFIX)) {
              subjects.add(dropIn.substring(PREFIX.length(), dropIn.length() - SUFFIX.length()));
            }
          }
        }
      }
    }
    return subjects;
  }

  @Override
  public boolean isMasked(Until until, String unit) {
    try {
      return Files.readSymbolicLink(mask(until, unit)).equals(NULL);
    } catch (NoSuchFileException e) {
      return false;
    } catch (NotLinkException e) {
      throw new DiskException(
          mask(until, unit)
              + " is there and is no mask; systemd has no use for it: look at it, then move it away"
              + " and run again");
    } catch (IOException e) {
      throw DiskException.failed("read", mask(until, unit), e);
    }
  }

  /** Masks a unit; nothing when it is masked already. */
  public void mask(Hold hold, String unit) {
    Path link = mask(hold.until(), unit);
    files.directory(link.getParent(), DIRECTORY);
    if (!files.symbolicLink(link, NULL)) {
      isMasked(hold.until(), unit);
    }
  }

  /** Deletes a mask. @return true when there was one */
  public boolean unmask(Until until, String unit) {
    return isMasked(until, unit) && files.delete(mask(until, unit));
  }

  /** Fsyncs the directory of gates and masks. */
  public void flush(Until until) {
    if (files.isTrustedDirectory(layout.control(until))) {
      files.flushDirectory(layout.control(until));
    }
  }

  /**
   * Makes systemd notice masks that were added or removed for units that it has not loaded. It
   * caches the list of all unit files until the mtime of a unit directory changes, and ignores the
   * mtimes of the control directories. So this sets the mtime of the directory for runtime units.
   * Where that fails, a reload is needed, as the states that systemd reports then show.
   */
  public void invalidateUnitCache() {
    try {
      if (files.isTrustedDirectory(layout.runtimeUnits())) {
        Files.setLastModifiedTime(layout.runtimeUnits(), FileTime.from(Instant.now()));
      }
    } catch (IOException | DiskException e) {
      // a reload is needed then
    }
  }

  @Override
  public Path foreignMask(List<Path> unitPath, String unit) {
    Path file = below(unitPath, unit);
    try {
      return file != null
              && (Files.isSymbolicLink(file) && Files.readSymbolicLink(file).equals(NULL)
                  || Files.isRegularFile(file) && Files.size(file) == 0)
          ? file
          : null;
    } catch (IOException e) {
      throw DiskException.failed("read", file, e);
    }
  }

  @Override
  public String loadStateBelow(List<Path> unitPath, String unit) {
    String template = UnitName.templateOf(unit);
    boolean needsFile =
        !unit.endsWith(".slice")
            && !unit.endsWith(".mount")
            && !unit.endsWith(".swap"); // these can come of their names alone
    if (foreignMask(unitPath, unit) != null) {
      return "masked";
    }
    return !needsFile
            || below(unitPath, unit) != null
            || template != null && below(unitPath, template) != null
        ? "loaded"
        : "not-found";
  }

  private Path below(List<Path> unitPath, String unit) {
    List<Path> below = new ArrayList<>(unitPath);
    below.remove(layout.persistent());
    below.remove(layout.runtime());
    for (Path dir : below) {
      Path file = dir.resolve(unit);
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return file;
      }
    }
    return null;
  }
}
