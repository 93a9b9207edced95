/// The Fashion-MNIST images: 28×28 grey pictures of ten kinds of clothing, 60,000 to train on and
/// 10,000 to test on. Files of the same names and format, such as those of MNIST itself, are read
/// too.
///
/// H. Xiao, K. Rasul and R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking
/// machine learning algorithms*, arXiv:1708.07747 (2017); MIT licence, © Zalando SE.
public enum FashionMNIST {
    /// Where the Debian package `dataset-fashion-mnist` puts the files.
    public static let defaultDirectory = "/usr/share/datasets/fashion-mnist"

    /// What the labels 0 to 9 mean.
    public static let classNames = [
        "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
        "ankle boot",
    ]

    /// The authors, as `LabeledExamples.source` gives them for the default directory.
    public static let source =
        "Fashion-MNIST, H. Xiao, K. Rasul and R. Vollgraf, arXiv:1708.07747 (2017), MIT licence"

    /// Reads examples: `width` 784, pixels scaled from 0…255 to [0, 1], ten classes.
    ///
    /// With `.first(n)` only so much of the files is inflated: 20 images take milliseconds. The
    /// other selections read all bytes (47 MB) but convert only the selected images.
    ///
    /// - Parameters:
    ///   - directory: holds `train-images-idx3-ubyte` and `train-labels-idx1-ubyte` (for the test
    ///     part `t10k-…`), with `.gz` or without; where there are both, the former is read. The places and
    ///     names of torchvision and Kaggle are known too.
    ///   - name: the data set's name in provenances; `nil` means `fashion-mnist` for the default
    ///     directory and the directory's own name for others, since what lies there is not known.
    ///   - part: the 60,000 images to train on or the 10,000 to test on.
    ///   - selection: which of them.
    /// - Throws: `DataSetError.missing`, which says how to install the data; `idx` and the errors
    ///   of joining images and labels.
    public static func load(
        _ part: DataSetPart = .train, _ selection: ExampleSelection = .all,
        from directory: String = defaultDirectory, name: String? = nil
    ) throws(DataSetError) -> LabeledExamples {
        let isDefault = directory == defaultDirectory
        let ownName = directory.split(separator: "/").last.map(String.init) ?? directory
        return try IDXDirectory(
            path: directory, name: name ?? (isDefault ? "fashion-mnist" : ownName),
            source: isDefault ? source : "files in the format of MNIST in \(directory)",
            remedy: "install it by `apt-get install dataset-fashion-mnist`, or pass the directory that holds the files"
        ).load(part, selection)
    }
}
