/// Examples of a classification problem: inputs, and for each the class it belongs to.
///
/// Inputs are column-major with one example per column, as a `width × count` matrix: the input of
/// example `i` is `inputs[i * width ..< (i + 1) * width]`. All inputs are finite and all labels in
/// `0 ..< classCount`; an invalid value cannot be made.
public struct LabeledExamples: Sendable, Equatable {
    /// The data set's short name, such as `digits`; a provenance says it with the selection.
    public let name: String
    /// Where the data come from, with authors and licence where they ask for it.
    public let source: String
    /// The shape of one input, slowest dimension first: `[28, 28]` for an image of 28 rows, `[20]`
    /// for a plain vector. Pixels are row by row from the top left.
    public let inputShape: [Int]
    /// The number of classes.
    public let classCount: Int
    /// The inputs, `width` for each example.
    public let inputs: [Double]
    /// The class of each example.
    public let labels: [Int]

    /// The number of inputs of an example: the product of `inputShape`.
    public let width: Int
    /// The number of examples.
    public var count: Int { labels.count }

    /// Checks and joins the parts.
    ///
    /// - Throws: `DataSetError.size` if `inputShape` is empty or has a dimension below 1,
    ///   `classCount` is not in `1 ... classLimit`, or the inputs are not `width` for each label;
    ///   `label`; `notFinite`.
    public init(
        name: String, source: String, inputShape: [Int], classCount: Int, inputs: [Double],
        labels: [Int]
    ) throws(DataSetError) {
        guard let width = checkedProduct(inputShape), width > 0, !inputShape.isEmpty else {
            throw .size(
                dataSet: name, quantity: "input width", found: checkedProduct(inputShape) ?? -1,
                expected: "a positive product of the shape \(shapeText(inputShape))")
        }
        guard (1...Self.classLimit).contains(classCount) else {
            throw .size(
                dataSet: name, quantity: "class count", found: classCount,
                expected: "1 to \(Self.classLimit)")
        }
        guard checkedProduct([width, labels.count]) == inputs.count else {
            throw .size(
                dataSet: name, quantity: "number of inputs", found: inputs.count,
                expected: "\(width) for each of \(labels.count) examples")
        }
        if let index = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
            throw .label(
                dataSet: name, index: index, found: labels[index], classCount: classCount)
        }
        if let index = inputs.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(dataSet: name, index: index, value: "\(inputs[index])")
        }
        self.name = name
        self.source = source
        self.inputShape = inputShape
        self.classCount = classCount
        self.inputs = inputs
        self.labels = labels
        self.width = width
    }

    /// The most classes that are accepted.
    public static let classLimit = 1 << 20
    /// The most elements that `oneHotTargets()` makes (2 GiB of doubles).
    public static let targetLimit = 1 << 28

    /// The targets for a network's outputs: a column-major `classCount × count` matrix that is 1 at
    /// each example's class and 0 elsewhere.
    ///
    /// - Throws: `DataSetError.size` if that is more than `targetLimit` elements.
    public func oneHotTargets() throws(DataSetError) -> [Double] {
        guard let size = checkedProduct([classCount, count]), size <= Self.targetLimit else {
            throw .size(
                dataSet: name, quantity: "examples with one-hot targets", found: count,
                expected: "at most \(Self.targetLimit / classCount) for \(classCount) classes")
        }
        var targets = [Double](repeating: 0, count: size)
        for (example, label) in labels.enumerated() { targets[example * classCount + label] = 1 }
        return targets
    }
}
