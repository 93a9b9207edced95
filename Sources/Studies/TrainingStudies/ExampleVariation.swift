internal import DataSets
internal import ErrorTables
internal import Randomness

/// How the examples that a study trains on differ from those of their data set: what is varied alone to see under which
/// condition a rule trains.
public struct ExampleVariation: Sendable, Hashable {
    /// Every input, also those of the test examples, times this.
    public let inputScale: Double
    /// The share of the training examples whose targets are dealt out among them at random. The test examples keep theirs.
    public let labelNoise: Double
    /// Only examples of the classes before this one, to train and to test on; the network keeps an output for every class.
    public let classes: Int?
    /// Images padded to these channels, height and width, as `LabeledExamples.padded(to:)`; `nil` for images as they are.
    public let imageShape: [Int]?

    /// The examples as they are.
    public static let none = ExampleVariation(unchecked: 1, 0, nil, nil)

    /// - Returns: `nil` unless `0 < inputScale < ∞`, `0 ≤ labelNoise ≤ 1`, `classes ≥ 1` and `imageShape` has three positive
    ///   dimensions.
    public init?(inputScale: Double = 1, labelNoise: Double = 0, classes: Int? = nil, imageShape: [Int]? = nil) {
        guard inputScale > 0, inputScale.isFinite, (0...1).contains(labelNoise), classes ?? 1 >= 1,
            imageShape.map({ $0.count == 3 && $0.allSatisfy { $0 > 0 } }) ?? true
        else { return nil }
        self.init(unchecked: inputScale, labelNoise, classes, imageShape)
    }

    private init(unchecked inputScale: Double, _ labelNoise: Double, _ classes: Int?, _ imageShape: [Int]?) {
        self.inputScale = inputScale
        self.labelNoise = labelNoise
        self.classes = classes
        self.imageShape = imageShape
    }

    /// The same with images padded to a shape.
    ///
    /// - Returns: `nil` unless the shape has three positive dimensions.
    public func padding(to imageShape: [Int]) -> ExampleVariation? {
        ExampleVariation(inputScale: inputScale, labelNoise: labelNoise, classes: classes, imageShape: imageShape)
    }

    /// One word for each change, such as `inputs*0.1`, by which results are stored.
    var words: [String] {
        (inputScale == 1 ? [] : ["inputs*\(inputScale)"]) + (labelNoise == 0 ? [] : ["noise=\(labelNoise)"])
            + (classes.map { ["classes=\($0)"] } ?? [])
            + (imageShape.map { ["padded=\($0.map(String.init).joined(separator: "x"))"] } ?? [])
    }

    /// - Returns: `nil` for anything but the `words` of a variation.
    init?(words: [Substring]) {
        var (scale, noise, classes, shape): (Double, Double, Int?, [Int]?) = (1, 0, nil, nil)
        for word in words {
            if let value = Self.value(of: word, after: "inputs*") {
                scale = value
            } else if let value = Self.value(of: word, after: "noise=") {
                noise = value
            } else if let value = Self.value(of: word, after: "classes="), let count = Int(exactly: value) {
                classes = count
            } else if word.hasPrefix("padded=") {
                shape = word.dropFirst("padded=".count).split(separator: "x").compactMap { Int($0) }
            } else {
                return nil
            }
        }
        self.init(inputScale: scale, labelNoise: noise, classes: classes, imageShape: shape)
        guard self.words == words.map(String.init) else { return nil }
    }

    private static func value(of word: Substring, after prefix: String) -> Double? {
        word.hasPrefix(prefix) ? Double(word.dropFirst(prefix.count)) : nil
    }
}

extension ExampleVariation {
    /// The first `count` examples of the classes, `nil` for all, with padded and scaled inputs.
    func examples(_ examples: LabeledExamples, count: Int?) throws -> LabeledExamples {
        var chosen = Array(examples.labels.indices)
        if let classes {
            guard (1...examples.classCount).contains(classes) else {
                throw StudyError.classes(requested: classes, available: examples.classCount)
            }
            chosen.removeAll { examples.labels[$0] >= classes }
        }
        let kept = try ExampleSelection(first: count).indices(among: chosen.count, dataSet: examples.name)
        let some = try kept.count == examples.count ? examples : examples.examples(at: kept.map { chosen[$0] })
        let all = try imageShape.map { (shape) throws(DataSetError) in try some.padded(to: shape) } ?? some
        return try inputScale == 1 ? all : all.with(inputs: all.inputs.map { $0 * inputScale })
    }

    /// Deals the labels of `labelNoise` of the examples out among them, the same in every study.
    func withNoise(_ examples: LabeledExamples) throws -> LabeledExamples {
        let count = Int((labelNoise * Double(examples.count)).rounded())
        guard count > 0 else { return examples }
        var generator = RandomGenerator(seed: 1, stream: 1 << 33)
        let order = generator.permutation(of: count)
        let chosen = count == examples.count
            ? Array(0..<count) : Array(generator.permutation(of: examples.count).prefix(count))
        var labels = examples.labels
        for (place, source) in order.enumerated() { labels[chosen[place]] = examples.labels[chosen[source]] }
        return try examples.with(labels: labels)
    }
}

extension LabeledExamples {
    /// The same with other inputs or labels.
    fileprivate func with(inputs: [Double]? = nil, labels: [Int]? = nil) throws(DataSetError) -> LabeledExamples {
        try LabeledExamples(
            name: name, source: source, inputShape: inputShape, classCount: classCount, inputs: inputs ?? self.inputs,
            labels: labels ?? self.labels)
    }
}

extension ExampleSelection {
    /// The first so many, or all.
    init(first count: Int?) { self = count.map { .first($0) } ?? .all }
}
