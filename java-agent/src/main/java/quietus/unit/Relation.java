// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

/**
 * The relations between units that count here, each with systemd's D-Bus property
 * (org.freedesktop.systemd1(5)).
 */
public enum Relation {
  TRIGGERS("Triggers"),
  TRIGGERED_BY("TriggeredBy"),
  REQUIRED_BY("RequiredBy"),
  REQUISITE_OF("RequisiteOf"),
  BOUND_BY("BoundBy"),
  CONSISTS_OF("ConsistsOf"),
  PROPAGATES_STOP_TO("PropagatesStopTo"),
  UPHELD_BY("UpheldBy"),
  WANTED_BY("WantedBy"),
  ON_FAILURE_OF("OnFailureOf"),
  ON_SUCCESS_OF("OnSuccessOf"),
  WANTS("Wants"),
  REQUIRES("Requires"),
  REQUISITE("Requisite"),
  BINDS_TO("BindsTo"),
  PART_OF("PartOf"),
  STOP_PROPAGATED_FROM("StopPropagatedFrom");

  private final String property;

  Relation(String property) {
    this.property = property;
  }

  /** The name of systemd's property. */
  public String property() {
    return property;
  }
}
