"""What tests share: servers they start, a standing cast, small builders."""
