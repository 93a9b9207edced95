/// The handwritten digits of MNIST from a directory of its four IDX files, which users have to bring:
/// 28×28 grey pictures, 60,000 to train on and 10,000 to test on.
///
/// Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document
/// recognition*, Proceedings of the IEEE 86 (1998). Names and format are those of `FashionMNIST`,
/// which was made to replace it.
public enum MNIST {
    /// The authors, as `LabeledExamples.source` gives them.
    public static let source =
        "MNIST, Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Proc. IEEE 86 (1998)"

    /// Reads examples: `width` 784, pixels scaled from 0…255 to [0, 1], ten classes, the label being
    /// the digit itself.
    ///
    /// - Parameters:
    ///   - part: the examples to train on, or those to test on.
    ///   - selection: which of them.
    ///   - directory: holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with
    ///     `t10k`, gzipped (`.gz`) or not; as they are there, or as torchvision or Kaggle call them.
    /// - Throws: as `FashionMNIST.load`.
    public static func load(
        _ part: DataSetPart = .train, _ selection: ExampleSelection = .all, from directory: String
    ) throws(DataSetError) -> LabeledExamples {
        try IDXDirectory(
            path: directory, name: "mnist", source: source,
            remedy: "pass the directory that holds the four IDX files of MNIST"
        ).load(part, selection)
    }
}
