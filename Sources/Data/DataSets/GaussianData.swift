internal import Randomness

/// Synthetic examples: every input an independent standard normal number, every class equally
/// likely and independent of the input.
///
/// There is nothing to learn in them, which is their use: what holds here owes nothing to the
/// structure of real data.
public enum GaussianData {
    /// At most so many inputs in all (1 GiB of doubles).
    public static let inputLimit = 1 << 27

    /// Generates examples from a seed.
    ///
    /// Laws: the same arguments give the same examples; fewer examples are a prefix of more; the
    /// labels do not depend on `width`, nor the inputs on `classCount`. The bits behind the numbers
    /// are the same everywhere; the inputs are as reproducible as the platform's `log`.
    ///
    /// - Parameters:
    ///   - count: examples, 0 or more.
    ///   - width: inputs of each, at least 1.
    ///   - classCount: classes, 1 to `LabeledExamples.classLimit`.
    ///   - seed: of inputs and classes.
    /// - Throws: `DataSetError.size` for other numbers and for more than `inputLimit` inputs.
    public static func examples(
        count: Int, width: Int, classCount: Int, seed: UInt64
    ) throws(DataSetError) -> LabeledExamples {
        let name = "gaussian"
        for (quantity, value, least) in [
            ("count", count, 0), ("width", width, 1), ("class count", classCount, 1),
        ] where value < least {
            throw .size(
                dataSet: name, quantity: quantity, found: value, expected: "at least \(least)")
        }
        guard let size = checkedProduct([count, width]), size <= inputLimit else {
            throw .size(
                dataSet: name, quantity: "count × width: count", found: count,
                expected: "at most \(inputLimit / width) for width \(width)")
        }
        var inputGenerator = RandomGenerator(seed: seed, stream: 0)
        var labelGenerator = RandomGenerator(seed: seed, stream: 1)
        return try LabeledExamples(
            name: name, source: "independent standard normal inputs, seed \(seed)",
            inputShape: [width], classCount: classCount,
            inputs: (0..<size).map { _ in inputGenerator.nextNormal() },
            labels: (0..<count).map { _ in Int(labelGenerator.next(below: UInt64(classCount))) })
    }
}
