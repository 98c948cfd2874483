// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.graph.Format;
import quietus.json.Tree;
import quietus.model.ModelSystemd;
import quietus.protocol.InfoRequest;
import quietus.protocol.Report;
import quietus.protocol.ReportJson;
import quietus.protocol.Request;
import quietus.protocol.Scope;
import quietus.unit.UnitName;
import quietus.why.Answer;
import quietus.why.Attempt;
import quietus.why.Attempts;
import quietus.why.Cause;
import quietus.why.Certainty;
import quietus.why.Kind;

/** What is read of the past, and when: the journal costs time. */
class AskedTest {
  @TempDir private Path root;

  private ModelHost host;
  private final List<String> read = new ArrayList<>();
  private String lockWas;
  private Error noMemory;

  @BeforeEach
  void boot() throws IOException {
    write("quietus.jar", "a jar");
    write("etc/systemd/system/a.service", "[Service]\nExecStart=/bin/sleep inf\n");
    write("etc/systemd/system/a.timer", "[Timer]\nOnActiveSec=1h\n");
    write("proc/sys/kernel/random/boot_id", "boot-1\n");
    write("proc/uptime", "1000.25 1.00\n");
    ModelSystemd systemd = ModelSystemd.boot(root, 252);
    systemd.await(systemd.start(List.of("a.service")).values(), Duration.ofSeconds(5));
    host = new ModelHost(root, systemd);
    host.past(
        new Past() {
          @Override
          public Answer startedBy(String unit) {
            read.add("why " + unit);
            Cause boot =
                new Cause(
                    Kind.BOOT, "b.target", Certainty.KNOWN, "was started", List.of("it is"), "");
            return new Answer(unit, boot, List.of(), 0, null);
          }

          @Override
          public Attempts attempts(Map<String, String> names, long since, long until) {
            assertTrue(since <= until, since + " to " + until);
            read.add("attempts " + names.keySet());
            if (noMemory != null) {
              throw noMemory;
            }
            // a slow journal: it has not answered when everything else of the run is done
            long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            do {
              lockWas = text("run/quietus/lock");
              Thread.onSpinWait();
            } while (!lockWas.equals("\n") && System.nanoTime() < limit);
            Attempt one = new Attempt("a.service", Attempt.How.GATE, "", 3, 0);
            return new Attempts(List.of(one), true);
          }
        });
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Report ok(Request request) {
    Report report = host.run(request);
    assertEquals(false, report.failed(), report.msg());
    return report;
  }

  private String text(String path) {
    try {
      return Files.readString(root.resolve(path));
    } catch (IOException e) {
      throw new AssertionError(path, e);
    }
  }

  private static InfoRequest look(boolean startedBy, Format graph, boolean attempts) {
    return new InfoRequest(
        new Scope(List.of(UnitName.parse("a")), false), startedBy, graph, attempts);
  }

  private static String json(Report report) throws IOException {
    return Tree.read(ReportJson.write(report)).toString();
  }

  @Test
  void onlyAStatusOfWhatIsHeldAndARealReleaseReadTheJournal() throws IOException {
    ok(ModelHost.quiesce("a.service"));
    ok(ModelHost.quiesce("a.service"));
    Report look = ok(ModelHost.info("a.service"));
    assertEquals(List.of(), read);
    assertTrue(!json(look).contains("start_attempts"), "it was not asked for");
    ok(look(false, null, true));
    assertEquals(List.of("attempts [a.service, a.timer]"), read);
    Report released = ok(ModelHost.release("a.service"));
    assertEquals(2, read.size());
    assertEquals("\n", lockWas, "nobody waits for the lock while the journal is read");
    assertTrue(
        json(released)
            .contains(
                "\"start_attempts\":[{\"unit\":\"a.service\",\"how\":\"gate\",\"by\":null,"
                    + "\"count\":3.0,\"last\":\"1970-01-01T00:00:00Z\",\"text\":\"a.service: 3"
                    + " attempts, the last at 1970-01-01T00:00:00Z, refused at its gate; who asked"
                    + " is not recorded\"}],\"start_attempts_complete\":true"),
        json(released));
    ok(ModelHost.release("a.service"));
    ok(look(false, null, true));
    assertEquals(2, read.size(), "nothing was released, and nothing is held");
  }

  @Test
  void aCheckOfAReleaseTellsWhatTheReleaseWould() {
    ok(ModelHost.quiesce("a.service"));
    Report check = ok(ModelHost.checked(ModelHost.release("a.service")));
    assertNotNull(check.extras().attempts());
    assertEquals(check.extras().attempts(), ok(ModelHost.release("a.service")).extras().attempts());
  }

  @Test
  void aJournalThatCannotBeReadFailsNoReleaseAndTheReportSaysThatItsListIsNotWhole()
      throws IOException {
    ok(ModelHost.quiesce("a.service"));
    noMemory = new OutOfMemoryError("played");
    Report released = ok(ModelHost.release("a.service"));
    assertTrue(
        json(released).contains("\"start_attempts\":[],\"start_attempts_complete\":false"),
        json(released));
    assertEquals("active", host.systemd.peek("a.service").active());
  }

  @Test
  void whatStartedAMemberIsToldOfThoseThatAreUp() throws IOException {
    Report report = ok(look(true, null, false));
    assertEquals(List.of("why a.service"), read, "the timer is down");
    assertTrue(json(report).contains("\"started_by\":{\"kind\":\"boot\""), json(report));
    assertEquals(1, json(report).split("started_by").length - 1);
    ok(look(false, null, false));
    assertEquals(1, read.size());
  }

  @Test
  void ofVeryManyMembersTheFirstHaveItAndAWarningSaysSo() throws IOException {
    List<UnitName> names = new ArrayList<>();
    List<String> units = new ArrayList<>();
    for (int i = 0; i <= Asked.MOST; i++) {
      units.add("many" + i + ".service");
      names.add(UnitName.parse(units.get(i)));
      write("etc/systemd/system/" + units.get(i), "[Service]\nExecStart=/bin/sleep inf\n");
    }
    host.systemd.reload();
    host.systemd.await(host.systemd.start(units).values(), Duration.ofSeconds(5));
    Report report = ok(new InfoRequest(new Scope(names, false), true, null, false));
    assertEquals(Asked.MOST, report.extras().startedBy().size());
    assertEquals(
        List.of(
            "started_by is there for the first 50 of 51 members that are up; for another one run"
                + " on the host: quietus why UNIT"),
        report.warnings());
  }

  @Test
  void aPictureIsThatOfTheCommandLine() {
    assertNull(ok(look(false, null, false)).extras().graph());
    assertEquals(
        """
        flowchart LR
          n0["a.service<br/>active, running"]
          n1["a.timer<br/>inactive, dead"]
          n1 -->|"it starts a.service on time"| n0\
        """,
        ok(look(false, Format.mermaid, false)).extras().graph());
    assertEquals(List.of(), read);
  }
}
