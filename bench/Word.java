// SPDX-License-Identifier: GPL-3.0-or-later
/** What a JVM costs that does nothing: the agent is measured against it. */
public final class Word {
  private Word() {}

  public static void main(String[] args) {
    System.out.println("word");
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
