internal import DataSets
public import ErrorTables
public import Graphs

extension TrainingSource {
    /// The examples of a data set for a graph, as it takes them: where its input is larger than the images, they are padded
    /// (`ImagePadding`).
    ///
    /// - Parameters:
    ///   - graph: what is trained.
    ///   - dataSet: the images.
    ///   - directory: where their files lie.
    ///   - task: what is to be learned.
    ///   - trainingExamples: how many are read; `nil` for all.
    ///   - testExamples: the same of those to test on.
    ///   - variation: how they differ from those of the data set.
    /// - Throws: `StudyError.graphInput` if the images do not fit the graph's input, `graphOutput` if its outputs are not the
    ///   ten classes, or for an autoencoder the inputs.
    public convenience init(
        for graph: GraphArchitecture, _ dataSet: DataSource, directory: String? = nil, task: Task = .classification,
        trainingExamples: Int? = nil, testExamples: Int? = nil, variation: ExampleVariation = .none
    ) throws(StudyError) {
        let outputs = task == .autoencoder ? graph.inputShape.count : Self.classCount
        guard graph.outputWidth == outputs else {
            throw .graphOutput(expected: outputs, found: graph.outputWidth)
        }
        self.init(
            dataSet, directory: directory, task: task, trainingExamples: trainingExamples, testExamples: testExamples,
            variation: try Self.variation(variation, of: dataSet, for: graph.inputShape.dimensions))
    }

    /// All data sets have ten.
    private static let classCount = 10

    private static func variation(
        _ variation: ExampleVariation, of dataSet: DataSource, for input: [Int]
    ) throws(StudyError) -> ExampleVariation {
        guard let image = dataSet.imageShape else { throw .notForTraining(source: dataSet) }
        let isAsItIs = input == image || input == [1] + image || input == [image.reduce(1, *)]
        if isAsItIs { return variation }
        guard ImagePadding(from: image, to: input) != nil, let padded = variation.padding(to: input) else {
            throw .graphInput(source: dataSet, images: image, found: input)
        }
        return padded
    }
}
