import ArgumentParser

/// A comma-separated list of learning rates, all positive and finite.
struct LearningRates {
    let values: [Double]

    init(_ values: [Double]) { self.values = values }

    /// Parses a list such as `0.01,0.1,1`.
    static func list(_ argument: String) throws -> LearningRates {
        LearningRates(
            try argument.split(separator: ",", omittingEmptySubsequences: false).map {
                try single(String($0))
            })
    }

    /// Parses one learning rate.
    static func single(_ argument: String) throws -> Double {
        guard let value = Double(argument), value > 0, value.isFinite else {
            throw ValidationError(
                "the learning rate α must be a positive finite number, found '\(argument)'.")
        }
        return value
    }
}
