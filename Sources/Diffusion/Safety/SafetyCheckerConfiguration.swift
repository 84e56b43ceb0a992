/// The shape of a safety checker: a picture encoder, and how many concepts it looks for.
struct SafetyCheckerConfiguration: Hashable, Sendable {
    var vision: CLIPVisionConfiguration
    /// Concepts that flag a picture.
    var concepts: Int
    /// Concepts that make the others count a little more.
    var specialConcepts: Int

    /// - Parameter tensors: tell how many concepts there are.
    /// - Throws: ``WeightsError`` when it is something else than such a checker.
    init(_ file: ConfigurationFile, _ tensors: TensorIndex) throws(WeightsError) {
        vision = try CLIPVisionConfiguration(file)
        guard let concepts = tensors.shape("concept_embeds")?.first,
            let special = tensors.shape("special_care_embeds")?.first,
            (1...1024).contains(concepts), (1...1024).contains(special)
        else {
            throw .notAModel(
                path: tensors.source,
                reason: "it has no concept_embeds, as a safety checker of Stable Diffusion has")
        }
        self.concepts = concepts
        specialConcepts = special
    }
}
