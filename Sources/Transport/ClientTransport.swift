import Generation
import Providers
