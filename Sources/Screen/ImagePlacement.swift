/// A place on the screen where a picture stands.
public struct ImagePlacement: Hashable, Sendable {
    /// Names the picture; another picture has another name.
    public let imageID: String
    /// The cells that are reserved for it; left blank by the views.
    public let area: Rect
    /// The part of the picture that is shown, in pixels from its top left; nil: all of it.
    public let crop: Rect?
    /// Screen pixels per picture pixel; nil: as large as fits.
    public let scale: Int?
    /// The colour of the cells around it.
    public var ground = Color.standard

    public init(imageID: String, area: Rect, crop: Rect? = nil, scale: Int? = nil) {
        self.imageID = imageID
        self.area = area
        self.crop = crop
        self.scale = scale
    }
}
