internal import Files

/// A directory with images and labels in the files of MNIST, under any of the names that they go by.
struct IDXDirectory {
    let path: String
    /// The data set's name in provenances and errors.
    let name: String
    /// Where the files come from, for provenances.
    let source: String
    /// What to do where there are none.
    let remedy: String

    /// Where programs that fetch the files put them below the directory that they are given: torchvision in the last
    /// three.
    private static let places = ["", "raw/", "MNIST/raw/", "FashionMNIST/raw/"]

    /// What MNIST's authors call a file.
    enum Content: String {
        case images = "images-idx3-ubyte"
        case labels = "labels-idx1-ubyte"
    }

    /// The file; `nil` if there is none.
    ///
    /// Of several the first is taken: gzipped before plain, and then by place and name. Kaggle has a dot in the name,
    /// or a directory of the same name around the file.
    func find(_ part: DataSetPart, _ content: Content) -> String? {
        let name = Self.name(part, content)
        let names = [name, name.replacing("-idx", with: ".idx"), "\(name)/\(name)"]
        return [".gz", ""].lazy.flatMap { end in
            Self.places.flatMap { place in names.map { "\(path)/\(place)\($0)\(end)" } }
        }.first(where: RegularFile.isThere)
    }

    private static func name(_ part: DataSetPart, _ content: Content) -> String {
        "\(part == .train ? "train" : "t10k")-\(content.rawValue)"
    }

    /// Reads examples: pixels scaled from 0…255 to [0, 1], ten classes.
    ///
    /// With `.first(n)` only so much of the files is inflated: 20 images take milliseconds. The
    /// other selections read all bytes (47 MB) but convert only the selected images.
    func load(
        _ part: DataSetPart, _ selection: ExampleSelection
    ) throws(DataSetError) -> LabeledExamples {
        let images = try read(part, .images, selection)
        let labels = try read(part, .labels, selection)
        guard images.declaredDimensions.count == 3 else {
            throw .dimensions(
                file: images.name, found: images.declaredDimensions,
                expected: "three: images, rows and columns")
        }
        return try LabeledExamples(
            images: images, labels: labels, selection: selection, name: name, source: source,
            classCount: 10)
    }

    private func read(
        _ part: DataSetPart, _ content: Content, _ selection: ExampleSelection
    ) throws(DataSetError) -> IDXFile {
        guard let file = find(part, content) else {
            throw .missing(
                dataSet: name, file: "\(path)/\(Self.name(part, content)).gz", remedy: remedy)
        }
        do throws(IDXError) {
            return try IDXFile(path: file, first: selection.prefixNeeded)
        } catch .itemCount(_, let requested, let available) {
            throw .selection(dataSet: name, requested: requested, available: available)
        } catch {
            throw .idx(error)
        }
    }
}
