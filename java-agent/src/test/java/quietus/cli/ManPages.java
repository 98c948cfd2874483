// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import quietus.run.Session;

/**
 * Writes the man pages and the completion for bash, from the commands themselves. The build runs
 * it; it is not in the jar.
 */
public final class ManPages {
  private static final String SECTION = "8";
  private static final int WIDTH = 70;

  private ManPages() {}

  /**
   * @param args the directory that gets them, and the time that the build goes by
   */
  public static void main(String[] args) throws IOException {
    Path to = Files.createDirectories(Path.of(args[0]));
    for (Map.Entry<String, String> file : files(args[1].substring(0, 10)).entrySet()) {
      Files.writeString(to.resolve(file.getKey()), file.getValue());
    }
  }

  /** All files by name. */
  static Map<String, String> files(String date) {
    PrintStream none = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    CommandLine line = Quietus.line(none, none);
    Map<String, String> files = new TreeMap<>();
    files.put(
        "quietus.bash",
        AutoComplete.bash("quietus", line).replaceAll("(?m)^# +Date: .*\n|\\A#!.*\n", ""));
    List<CommandSpec> all = new ArrayList<>(List.of(line.getCommandSpec()));
    for (CommandLine sub : new LinkedHashSet<>(line.getSubcommands().values())) {
      all.add(sub.getCommandSpec());
    }
    for (CommandSpec spec : all) {
      files.put(spec.qualifiedName("-") + "." + SECTION, page(spec, all, date));
    }
    return files;
  }

  private static String page(CommandSpec spec, List<CommandSpec> all, String date) {
    String name = spec.qualifiedName("-");
    Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
    List<String> description = texts(spec.usageMessage().description());
    StringBuilder page = new StringBuilder();
    // REUSE-IgnoreStart
    page.append(".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n");
    // REUSE-IgnoreEnd
    page.append(".TH ").append(name.toUpperCase(Locale.ROOT).replace("-", "\\-"));
    page.append(" ").append(SECTION).append(" " + date + " \"Quietus " + Session.VERSION + "\"\n");
    page.append(".SH NAME\n");
    String first = description.get(0);
    int end = first.indexOf(". ");
    String brief = end < 0 ? first.replaceAll("[.]$", "") : first.substring(0, end);
    text(page, name + " - " + lower(brief));
    page.append(".SH SYNOPSIS\n.nf\n");
    page.append(
        escaped(help.synopsis(0).strip().replaceAll("\\s+", " "))
            .replaceAll("(.{1,70})( |$)", "$1\n"));
    page.append(".fi\n.SH DESCRIPTION\n");
    paragraphs(page, description);
    if (!spec.positionalParameters().isEmpty()) {
      page.append(".SH ARGUMENTS\n");
      for (PositionalParamSpec parameter : spec.positionalParameters()) {
        entry(page, parameter.paramLabel(), parameter);
      }
    }
    page.append(".SH OPTIONS\n");
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        entry(page, String.join(", ", option.names()) + label, option);
      }
    }
    if (!spec.subcommands().isEmpty()) {
      page.append(".SH COMMANDS\n");
      for (CommandSpec sub : all) {
        if (sub != spec) {
          page.append(".TP\n.B ").append(escaped(sub.name())).append('\n');
          text(page, texts(sub.usageMessage().description()).get(0));
        }
      }
    }
    footer(page, texts(spec.usageMessage().footer()));
    seeAlso(page, spec, all);
    return page.toString();
  }

  private static void entry(StringBuilder page, String term, ArgSpec argument) {
    page.append(".TP\n.B ").append(escaped(term)).append('\n');
    text(page, String.join(" ", texts(argument.description())));
  }

  private static List<String> texts(String[] lines) {
    List<String> texts = new ArrayList<>();
    for (String line : lines) {
      texts.add(line.replace("%n", " ").replace("%%", "%"));
    }
    return texts;
  }

  private static String lower(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static void paragraphs(StringBuilder page, List<String> paragraphs) {
    for (int i = 0; i < paragraphs.size(); i++) {
      page.append(i == 0 ? "" : ".PP\n");
      text(page, paragraphs.get(i));
    }
  }

  /** The exit status; where it is a list, a status each. */
  private static void footer(StringBuilder page, List<String> footer) {
    String begin = "Exit status: ";
    for (String line : footer) {
      if (line.startsWith(begin)) {
        page.append(".SH EXIT STATUS\n");
        text(page, line.substring(begin.length()));
      } else if (line.startsWith("  ")) {
        String[] parts = line.strip().split(" +", 2);
        page.append(".TP\n.B ").append(escaped(parts[0])).append('\n');
        text(page, parts[1]);
      } else if (!line.isBlank()) {
        page.append(".PP\n");
        text(page, line);
      }
    }
  }

  private static void seeAlso(StringBuilder page, CommandSpec spec, List<CommandSpec> all) {
    Set<String> others = new LinkedHashSet<>();
    for (CommandSpec other : all) {
      if (other != spec) {
        others.add(".BR " + other.qualifiedName("-").replace("-", "\\-") + " (" + SECTION + ")");
      }
    }
    others.add(".BR systemctl (1)");
    page.append(".SH SEE ALSO\n").append(String.join(" ,\n", others)).append('\n');
  }

  /** A text in lines that are not long. */
  private static void text(StringBuilder page, String text) {
    StringBuilder line = new StringBuilder();
    for (String word : text.strip().split("\\s+")) {
      if (line.length() > 0 && line.length() + 1 + word.length() > WIDTH) {
        page.append(escaped(line.toString())).append('\n');
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    page.append(escaped(line.toString())).append('\n');
  }

  private static String escaped(String text) {
    String safe = text.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
