package quietus.error;

/**
 * A run that cannot go on. The message is for a person: it names the unit, what happened and what
 * to do next.
 */
public class AgentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AgentException(String message) {
    super(message);
  }

  public AgentException(String message, Throwable cause) {
    super(message, cause);
  }
}
