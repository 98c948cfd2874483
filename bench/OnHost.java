// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The part of the benchmark that runs on a host, so that a measured time contains only the measured
 * process. Each line of its input is a command, a tab, and in base64 the program's input followed
 * by its arguments. The answer is one line.
 *
 * <p>{@code run}: milliseconds, its processor time in ticks with that of its children, PID 1's
 * processor time meanwhile in ns. {@code peak}: the most memory that it had at once, in KiB. {@code
 * text}: its output.
 */
public final class OnHost {
  private static final File IN = new File("/var/tmp/quietus-bench/in");
  private static final File OUT = new File("/var/tmp/quietus-bench/out");
  private static final Path OURS = Path.of("/proc/self/stat");

  private OnHost() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t");
      List<String> program = new ArrayList<>();
      for (int i = 2; i < words.length; i++) {
        program.add(decoded(words[i]));
      }
      Files.writeString(IN.toPath(), decoded(words[1]));
      System.out.println(
          switch (words[0]) {
            case "run" -> run(program);
            case "peak" -> peak(program);
            default -> text(program);
          });
      System.out.flush();
    }
  }

  private static String decoded(String word) {
    return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
  }

  private static Process start(List<String> program) throws IOException {
    return new ProcessBuilder(program)
        .redirectInput(IN)
        .redirectOutput(OUT)
        .redirectErrorStream(true)
        .start();
  }

  private static String ended(Process process, List<String> program)
      throws IOException, InterruptedException {
    return process.waitFor() == 0
        ? null
        : "FAILED "
            + String.join(" ", program)
            + " ended with "
            + process.exitValue()
            + ": "
            + Files.readString(OUT.toPath()).strip().replaceAll("\\s+", " ");
  }

  private static String run(List<String> program) throws IOException, InterruptedException {
    long ticks = childrensTicks();
    long manager = managersTime();
    long began = System.nanoTime();
    Process process = start(program);
    process.waitFor();
    long took = System.nanoTime() - began;
    long managers = managersTime() - manager;
    String trouble = ended(process, program);
    return trouble != null
        ? trouble
        : took / 1e6 + " " + (childrensTicks() - ticks) + " " + managers;
  }

  /**
   * Processor time of the children that have ended, with that of theirs (proc(5), cutime and
   * cstime).
   */
  private static long childrensTicks() throws IOException {
    String stat = Files.readString(OURS);
    String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(words[13]) + Long.parseLong(words[14]);
  }

  private static long managersTime() throws IOException {
    String text = Files.readString(Path.of("/proc/1/schedstat"));
    return Long.parseLong(text.substring(0, text.indexOf(' ')));
  }

  /**
   * Polls as often as it can. The kernel keeps the highest value, so only what comes after the last
   * poll is missed.
   */
  private static String peak(List<String> program) throws IOException, InterruptedException {
    Process process = start(program);
    Path status = Path.of("/proc/" + process.pid() + "/status");
    long most = 0;
    while (process.isAlive()) {
      try {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("VmHWM:")) {
            most = Math.max(most, Long.parseLong(line.replaceAll("\\D", "")));
          }
        }
      } catch (NoSuchFileException e) {
        break;
      } catch (IOException e) {
        // it ended while it was read
      }
    }
    String trouble = ended(process, program);
    return trouble != null ? trouble : Long.toString(most);
  }

  private static String text(List<String> program) throws IOException, InterruptedException {
    String trouble = ended(start(program), program);
    return trouble != null
        ? trouble
        : Base64.getEncoder().encodeToString(Files.readAllBytes(OUT.toPath()));
  }
}
