/// The precision in which weights are kept and inference runs. Solvers of exact updates always work
/// in double precision.
public enum TrainingPrecision: String, CaseIterable, Sendable, Hashable, Codable {
    case single
    case double
}
