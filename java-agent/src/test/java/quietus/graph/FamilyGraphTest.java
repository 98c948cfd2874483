// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class FamilyGraphTest {
  private static final FamilyGraph GRAPH =
      new FamilyGraph(
          "myapi.service",
          "active, running",
          List.of(
              new Node(
                  "myapi.socket",
                  "its connections start myapi.service",
                  "active, running",
                  "myapi.service",
                  false),
              new Node(
                  "restart", "Restart=always <\"&> starts it", "closed", "myapi.service", true),
              new Node("boot", "sockets.target wants it", "not closed", "myapi.socket", true)));

  @Test
  void aDoorStandsBelowTheMemberThatItStarts() {
    assertEquals(
        """
        myapi.service (active, running)
        |-- myapi.socket (active, running): its connections start myapi.service
        |   `-- door: sockets.target wants it (not closed)
        `-- door: Restart=always <"&> starts it (closed)\
        """,
        GRAPH.tree());
  }

  @Test
  void dotAndMermaidPointAtWhatIsStartedAndQuoteTheirTexts() {
    String dot = GRAPH.dot();
    assertTrue(dot.contains("n1 -> n0") && dot.contains("n3 -> n1"), dot);
    assertTrue(dot.contains("<\\\"&>"), dot);
    String mermaid = GRAPH.mermaid();
    assertTrue(mermaid.contains("| n0") && mermaid.contains("| n1"), mermaid);
    assertTrue(mermaid.contains("#lt;#quot;#38;#gt;"), mermaid);
  }

  @Test
  void anSvgIsWellFormed() throws Exception {
    String svg = GRAPH.svg();
    assertEquals("svg", rootOf(svg));
    assertTrue(svg.contains("sockets.target wants it"), svg);
  }

  @Test
  void noFormatHasControlCharactersOrHalvesOfCharacters() throws Exception {
    String text = "\u001b[2J\u0000\u009b" + "x".repeat(88) + "\ud83d\ude00 and so on";
    FamilyGraph graph =
        new FamilyGraph("a.service", text, List.of(new Node("boot", text, text, "b", true)));
    for (String drawn : List.of(graph.tree(), graph.dot(), graph.mermaid(), graph.svg())) {
      for (char control : new char[] {'\u001b', '\u0000', '\u009b'}) {
        assertEquals(-1, drawn.indexOf(control), drawn);
      }
    }
    assertEquals("svg", rootOf(graph.svg()));
  }

  private static String rootOf(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement()
        .getTagName();
  }
}
