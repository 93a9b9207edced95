/// What the body of a property can say about its case besides the margin.
public struct CaseContext: Sendable {
    /// The size of the case, from 0 to 100.
    public let size: Int
    package private(set) var labels: Set<String> = []
    package private(set) var notes: [String] = []
    /// The measured numbers by name.
    public private(set) var measurements: [String: Double] = [:]

    package init(size: Int) {
        self.size = size
    }

    /// Counts this case under `name` if the condition holds. A case counts once under each name, and only if it is
    /// not discarded.
    public mutating func label(_ name: String, when condition: Bool = true) {
        if condition { labels.insert(name) }
    }

    /// Counts this case under “name: value”, to tally the values of a feature.
    public mutating func label(_ name: String, _ value: some CustomStringConvertible) {
        labels.insert("\(name): \(value)")
    }

    /// Records a number that belongs to this case, such as a distance or the learning rate, for statistics over many
    /// cases: ``CaseRecord/measurements``. A second value under the same name replaces the first.
    public mutating func measure(_ name: String, _ value: Double) {
        measurements[name] = value
    }

    /// Keeps a line that is printed with the case if it becomes the counterexample, such as an intermediate result.
    public mutating func note(_ text: String) {
        notes.append(text)
    }
}
