// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A case made by hand on a {@link Stage} of its own. */
abstract class StageCase {
  @TempDir Path root;
  Stage stage;

  @BeforeEach
  void stage() {
    stage = new Stage(root);
  }

  /** A host on which a.service alone is up. */
  Stage one() {
    return stage.simple("a.service").boot("a.service");
  }

  /** The files of a.service and of its socket. */
  Stage withSocket() {
    return stage.simple("a.service").unit("a.socket", "[Socket]\nListenStream=/run/a.sock\n");
  }
}
