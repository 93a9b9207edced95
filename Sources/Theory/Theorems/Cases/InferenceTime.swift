internal import LearningRules

/// A number of Euler steps and their size: for how long inference runs. The product is what counts.
struct InferenceTime: Sendable {
    let steps: Int
    let stepSize: Double

    /// As a heading: `25 × 0.015`.
    var title: String { "\(steps) × \(stepSize)" }

    /// The paper's.
    static let paper = InferenceTime(steps: 25, stepSize: 0.015)

    /// From a single step to 64 times the paper's time.
    static let ladder = [1, 5, 25, 100, 400, 1600].map { InferenceTime(steps: $0, stepSize: 0.015) }

    /// The paper's time in fifth as many steps: shows that the product counts.
    static let coarse = InferenceTime(steps: 5, stepSize: 0.075)

    /// `il-prox` with all other constants the paper's.
    var proximalRule: InferenceLearning { .proximal(steps: steps, stepSize: stepSize) }
}
