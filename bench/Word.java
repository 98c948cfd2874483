// SPDX-License-Identifier: GPL-3.0-or-later
/** A JVM that only prints a word: the agent is compared with it. */
public final class Word {
  private Word() {}

  public static void main(String[] args) {
    System.out.println("word");
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
