// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import quietus.hold.AllHolds;
import quietus.hold.Hold;
import quietus.hold.Now;
import quietus.hold.Phase;
import quietus.hold.Until;

/** Questions about the files of Quietus on a host; nothing here writes. */
public interface DiskView {
  HoldsView holds();

  ControlView control();

  LeasesView leases();

  /** Whether these are the files of the calling user's manager. */
  boolean isUser();

  /** This moment by both clocks of the host. */
  Now now(Instant clock);

  /**
   * Files that were not whole when a run ended, in the directories that were read so far and in the
   * launcher's.
   */
  List<Path> unfinished();

  /** The records of a host. */
  interface HoldsView {
    /** Reads all holds of the host. */
    AllHolds all();

    /** Where a hold's file is in a phase. */
    Path path(Until until, Phase phase, String subject);

    /** True when the hold's file is there in that phase. */
    boolean exists(Hold hold, Phase phase);
  }

  /** The gates and masks of a host. */
  interface ControlView {
    /** The drop-in that gates a unit for a hold. */
    Path gate(Until until, String unit, String subject);

    /** True when the gate of a unit is there as it should be. */
    boolean isGated(Hold hold, String unit);

    /** The subjects of which there is at least one gate on the host. */
    Set<String> subjects();

    /** The units for which there are gates of this subject's, with or without a hold. */
    Set<String> gated(Until until, String subject);

    /** True when a unit is masked in the control directory of that lifetime. */
    boolean isMasked(Until until, String unit);

    /**
     * The link that masks a unit and is not ours: what systemd finds first, below the control
     * directories.
     *
     * @param unitPath systemd's search path, the first outranks the others
     * @return null when there is no such link
     */
    Path foreignMask(List<Path> unitPath, String unit);

    /** The LoadState that a unit which we mask will have without our mask. */
    String loadStateBelow(List<Path> unitPath, String unit);
  }

  /** What releases holds when their leases end. */
  interface LeasesView {
    /** True when what releases the hold at its time is there. */
    boolean isSet(Hold hold, Now now);

    /** The service that releases what has a lease that is over. */
    String service(Until until);

    /** The files of leases that no hold has. */
    List<Path> left(AllHolds all);
  }
}
